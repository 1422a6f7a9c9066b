#!/bin/sh
#SBATCH --job-name=lab-grade
#SBATCH --cpus-per-task=1
#SBATCH --mem=6G
#SBATCH --time=00:30:00
# A task for each submission; EXPORT and OUT are on a file system that all nodes see:
#   count=$(sh docs/engines/list.sh export.zip grades)
#   sbatch --wait --array="1-$count" --export=ALL,EXPORT=export.zip,OUT=grades docs/engines/slurm.sh
#   target/debug/lab grade --collect grades
set -eu
srun sh docs/engines/one.sh "$EXPORT" "$SLURM_ARRAY_TASK_ID" "$OUT"
