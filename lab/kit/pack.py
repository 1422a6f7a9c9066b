"""pack.py DIRECTORY: makes DIRECTORY.tar.gz and DIRECTORY.zip, the same bytes for the same files.

Names are sorted, times are fixed, owners are nobody; only whether a file can be run is kept.
"""
import gzip
import io
import pathlib
import sys
import tarfile
import zipfile

TIME = (1980, 1, 1, 0, 0, 0)  # the first that zip knows


def mode(path):
    return 0o755 if path.stat().st_mode & 0o100 else 0o644


def main():
    root = pathlib.Path(sys.argv[1])
    files = sorted(path for path in root.rglob("*") if path.is_file())
    names = [f"{root.name}/{path.relative_to(root).as_posix()}" for path in files]
    with open(f"{root}.tar.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, name in zip(files, names):
            member = tarfile.TarInfo(name)
            member.size, member.mode = path.stat().st_size, mode(path)
            archive.addfile(member, io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(f"{root}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, name in zip(files, names):
            member = zipfile.ZipInfo(name, TIME)
            member.external_attr = mode(path) << 16
            archive.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    for ending in "tar.gz", "zip":
        size = pathlib.Path(f"{root}.{ending}").stat().st_size
        print(f"written  {root}.{ending}  {len(files)} files, {size // 1024} KB")


if __name__ == "__main__":
    main()
