package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path"
	"strings"
)

func main() {
	l, err := net.Listen("tcp", ":"+os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		if c, err := l.Accept(); err == nil {
			go handle(c)
		}
	}
}

func handle(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	first, err := r.ReadString('\n')
	if err != nil {
		return
	}
	for {
		h, err := r.ReadString('\n')
		if err != nil || strings.TrimSpace(h) == "" {
			break
		}
	}
	words := strings.Fields(first)
	if len(words) < 2 {
		fmt.Fprint(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		return
	}
	data, err := os.ReadFile("." + path.Clean(words[1]))
	if err != nil {
		fmt.Fprint(c, "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\n404: there is no "+words[1])
		return
	}
	fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n")
	c.Write(data)
}
