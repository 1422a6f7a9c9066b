"""www/ in a real browser, through the web server of solutions/ and through its Python twin; and what
captures look like when they are drawn.

Needs Chromium, its driver and selenium (Debian: chromium chromium-driver python3-selenium); says so and
ends well where one is missing, unless it is told --required.
"""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOLUTION = ROOT / "solutions/target/debug/webserver"
LAB = ROOT / "target/debug/lab"
TWIN = ROOT / "tests/twins/webserver.py"
LATE = 60  # seconds; a page that is shown takes a fraction of one


def missing():
    for command in ("chromium", "chromedriver"):
        if not shutil.which(command):
            return command
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium"
    return None


@contextlib.contextmanager
def browser():
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as profile:
        for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                       "--no-proxy-server", f"--user-data-dir={profile}"):
            options.add_argument(option)
        driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        driver.set_page_load_timeout(LATE)
        driver.set_script_timeout(LATE)
        try:
            yield driver
        finally:
            driver.quit()


@contextlib.contextmanager
def server(command):
    """A web server that serves www/; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([*command, "127.0.0.1", str(port)], cwd=ROOT / "www",
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout.readline() == "Ready to serve...\n"
        yield port
        assert process.poll() is None, "the server has ended"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def same(what, found, expected):
    if found != expected:
        sys.exit(f"browser: {what}: {found!r}, not {expected!r}")
    print(f"  {what}: {found!r}")


def front_page(driver):
    """The page is whole: its text, its style sheet and its picture."""
    same("title", driver.title, "socket-labs")
    same("rules of the style sheet", driver.execute_script(
        "return document.styleSheets[0].cssRules.length > 0"), True)
    same("picture", driver.execute_script(
        "const picture = document.images[0]; return picture.complete && [picture.naturalWidth, picture.naturalHeight]"),
        [1120, 520])
    # A picture that was cut short has its size, too.
    same("bytes of the picture", driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        const picture = document.images[0];
        picture.decode().then(() => fetch(picture.src)).then(answer => answer.arrayBuffer())
            .then(bytes => done(bytes.byteLength), error => done(String(error)));"""),
        (ROOT / "www/handshake.png").stat().st_size)


def not_found(driver):
    same("page that is not there", driver.find_element("tag name", "h1").text, "404 Not Found")


# Texts that lie over a lifeline or over each other, by the boxes that the browser has drawn. A host's line
# goes from top to bottom; its name stands above it.
OVERLAPS = """
    const lines = [...document.querySelectorAll('line')].map(line => line.getBBox())
        .filter(box => box.height > box.width);
    const texts = [...document.querySelectorAll('text')].filter(text => text.textContent.trim())
        .map(text => [text.textContent, text.getBBox()]);
    const apart = (a, b) => a.x + a.width <= b.x + 0.5 || b.x + b.width <= a.x + 0.5
        || a.y + a.height <= b.y + 0.5 || b.y + b.height <= a.y + 0.5;
    const wrong = [];
    texts.forEach(([text, box], number) => {
        if (lines.some(line => !apart(box, line) && box.y > line.y)) wrong.push(text + ' over a line');
        texts.slice(number + 1).forEach(([other, its]) => {
            if (!apart(box, its)) wrong.push(text + ' over ' + other);
        });
    });
    return [texts.length, lines.length, wrong];"""


def drawings(driver):
    """Every drawing of a capture: its labels stand in their lanes, with two hosts and with five."""
    with tempfile.TemporaryDirectory() as directory:
        for name in ("chatserver", "windsor", "client1", "retransmitted", "throttled"):
            picture = pathlib.Path(directory) / f"{name}.svg"
            subprocess.run([LAB, "packets", ROOT / f"tests/captures/{name}.pcap", "--ladder", "-o", picture],
                           check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
            driver.get(picture.as_uri())
            texts, lines, wrong = driver.execute_script(OVERLAPS)
            same(f"{name}: {texts} labels, {lines} hosts; in each other's way", wrong, [])
            assert texts > 4 and lines > 1, (texts, lines)
            assert driver.save_screenshot(f"{directory}/{name}.png")


def main():
    absent = missing()
    if absent:
        print(f"SKIPPED: www/ in a browser: {absent} is missing")
        sys.exit(1 if "--required" in sys.argv else 0)
    with browser() as driver:
        print(f"Chromium {driver.capabilities['browserVersion']}, the web server of solutions/")
        with server([SOLUTION]) as port:
            url = f"http://127.0.0.1:{port}"
            driver.get(f"{url}/")
            front_page(driver)
            driver.get(f"{url}/nothing.html")
            not_found(driver)
            driver.get(f"{url}/hello.txt")
            same("text", driver.find_element("tag name", "body").text,
                 (ROOT / "www/hello.txt").read_text().strip())
            print(" and with a connection that is open and silent")
            with socket.create_connection(("127.0.0.1", port)):
                driver.get(f"{url}/index.html?again")
                front_page(driver)
        if shutil.which("tshark"):
            print("drawings of captures")
            drawings(driver)
        else:
            print("SKIPPED: drawings of captures: tshark is missing")
        print("the Python twin")
        with server([sys.executable, TWIN]) as port:
            driver.get(f"http://127.0.0.1:{port}/index.html")
            front_page(driver)
            driver.get(f"http://127.0.0.1:{port}/nothing.html")
            not_found(driver)


if __name__ == "__main__":
    main()
