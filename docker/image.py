"""The image of the lab network: built where it is missing, and written into a file for others."""
import gzip
import hashlib
import os
import subprocess

from interrupts import to_its_end
from place import CHECKOUT, ROOT, Trouble, output, works

NAME = "socket-labs-net"
BASES = {"DEBIAN_IMAGE": "debian:bookworm-slim", "RUST_IMAGE": "rust:1-bookworm"}
STAGE = "socket-labs.stage"  # a label of what the image was built from, and of nothing else


def tag():
    """The image's name: one for each state of what it is made from."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    files = [line[1:] for line in lines if line.startswith("!")]
    made_from = hashlib.sha256(repr(sorted(bases().items())).encode())
    for file in sorted(files):
        made_from.update(file.encode() + b"\0" + (ROOT / file).read_bytes() + b"\0")
    return made_from.hexdigest()[:12]


def bases():
    return {argument: os.environ.get(argument) or default for argument, default in BASES.items()}


def need_image(say):
    """Builds the image, unless there is one made from the same files; gives its tag."""
    version = tag()
    image = f"{NAME}:{version}"
    if works("docker", "image", "inspect", image):
        return version
    for base in bases().values():
        if works("docker", "image", "inspect", base):
            continue
        say(f"==> fetching {base}")
        if called("docker", "pull", base):
            raise Trouble(f"The image {base} is not here and cannot be fetched, see above. If this "
                          "host reaches a Debian mirror, make it: sudo docker/base-images.sh")
    say("==> building the image of the lab network: two to five minutes, once")
    arguments = [word for pair in bases().items() for word in ("--build-arg", "=".join(pair))]
    if called("docker", "build", "--tag", image, "--label", f"{CHECKOUT}={ROOT}", "--file",
              str(ROOT / "docker/Dockerfile"), *arguments, str(ROOT)):
        raise Trouble("The image cannot be built, see above. What is fetched comes from Debian, "
                      "crates.io and PyPI; once the image is there, no network is needed")
    # What it was built from takes as much room again, and older images of this directory, too.
    works("docker", "image", "prune", "--force", "--filter", f"label={STAGE}")
    for other in set(images(f"label={CHECKOUT}={ROOT}")) - {image}:
        works("docker", "image", "rm", other)  # it may be in use
    return version


def called(*command):
    return to_its_end(command, at_interrupt=subprocess.Popen.terminate)  # it has not seen Ctrl-C


def images(*filters):
    """The names of all images of the lab network here."""
    words = [word for text in (f"reference={NAME}", *filters) for word in ("--filter", text)]
    return output("docker", "image", "ls", *words, "--format", "{{.Repository}}:{{.Tag}}").split()


def save(say, file):
    """Writes the image into one compressed file, whole or not at all."""
    image = f"{NAME}:{need_image(say)}"
    size = int(output("docker", "image", "inspect", "--format", "{{.Size}}", image))
    part = file.with_name(file.name + ".part")
    process = subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE,
                               start_new_session=True)
    try:
        with part.open("wb") as raw, gzip.open(raw, "wb", compresslevel=1) as packed:
            done = 0
            while piece := process.stdout.read(1 << 20):
                packed.write(piece)
                done += len(piece)
                if done % (200 << 20) < len(piece):
                    say(f"    {done >> 20} of about {size >> 20} MB")
        if process.wait():
            raise Trouble(f"Docker could not save {image}, see above")
        part.replace(file)
    except OSError as error:
        raise Trouble(f"{file} cannot be written: {error.strerror}. It needs about "
                      f"{size // 2 >> 20} MB; FILE=/media/stick/net.tar.gz writes it elsewhere"
                      ) from None
    finally:
        process.kill()
        process.wait()
        part.unlink(missing_ok=True)
    say(f"{file} has the image ({file.stat().st_size >> 20} MB). On another machine: docker load "
        f"--input {file.name}, then make net-up")
