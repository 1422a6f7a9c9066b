"""What the lab network needs of this machine: a Docker daemon that answers, and Compose."""
import re
import shutil
import subprocess

from place import Trouble, output

OLDEST_COMPOSE = (1, 27)
COMPOSE_MANUAL = "https://docs.docker.com/compose/install/linux/"


def need_docker():
    """Raises Trouble unless there is a Docker daemon that answers."""
    if not shutil.which("docker"):
        raise Trouble("Docker is missing. Install Docker Engine as "
                      "https://docs.docker.com/engine/install/ says; on Debian: "
                      "sudo apt-get install docker.io docker-compose")
    try:
        asked = subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"],
                               capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        raise Trouble("The Docker daemon has not answered for a minute. Start it again: "
                      "sudo systemctl restart docker") from None
    if asked.returncode == 0:
        return
    if "permission denied" in asked.stderr:
        raise Trouble("The Docker daemon runs, but you may not talk to it. Become one of the group "
                      "docker, and log in again: sudo usermod -aG docker $USER")
    raise Trouble("The Docker daemon does not run. Start it: sudo systemctl start docker\n"
                  f"Docker says: {asked.stderr.strip()}")


def version_of(text):
    """The numbers of a version such as v2.24.5 or 1.29.2, or None."""
    found = re.search(r"(\d+)\.(\d+)", text)
    return found and (int(found[1]), int(found[2]))


def compose():
    """The command that is Docker Compose here: the plugin, or the program that it succeeded."""
    too_old = None
    for command in ["docker", "compose"], ["docker-compose"]:
        try:
            version = version_of(output(*command, "version", "--short"))
        except (OSError, subprocess.CalledProcessError):
            continue
        if version and version >= OLDEST_COMPOSE:
            return command
        too_old = version
    if too_old:
        raise Trouble(f"Docker Compose {too_old[0]}.{too_old[1]} is too old: 1.27 or newer is "
                      f"needed. Install the plugin as {COMPOSE_MANUAL} says")
    raise Trouble("Docker Compose is missing. Install the plugin docker-compose-plugin as "
                  f"{COMPOSE_MANUAL} says; on Debian: sudo apt-get install docker-compose")
