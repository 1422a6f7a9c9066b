import sys
print("HTTP/1.1 200 OK\r\n\r\nhello\r\nHTTP/1.1 404 Not Found\r\n\r\n<h1>404 Not Found</h1>", flush=True)
sys.stdin.read()
