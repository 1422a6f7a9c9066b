package main

import (
	"encoding/json"
	"log"
	"net"
	"os"
	"sync"
)

type hub struct {
	sync.Mutex
	users map[net.Conn]string
}

func (h *hub) all(except net.Conn, text []byte) {
	for c := range h.users {
		if c != except {
			c.Write(text)
		}
	}
}

func (h *hub) roster() {
	m := map[string]string{}
	for c, name := range h.users {
		m[name] = c.RemoteAddr().(*net.TCPAddr).IP.String()
	}
	j, _ := json.Marshal(m)
	h.all(nil, []byte("!"+string(j)+"\n"))
}

func (h *hub) serve(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 1024)
	n, err := c.Read(buf)
	if err != nil {
		return
	}
	name := string(buf[:n])
	h.Lock()
	h.users[c] = name
	h.roster()
	h.Unlock()
	log.Println(name, "came")
	for {
		n, err := c.Read(buf)
		if err != nil {
			break
		}
		h.Lock()
		h.all(c, []byte(name+": "+string(buf[:n])+" \n"))
		h.Unlock()
	}
	h.Lock()
	delete(h.users, c)
	h.roster()
	h.Unlock()
	log.Println(name, "left")
}

func main() {
	l, err := net.Listen("tcp4", ":"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	h := &hub{users: map[net.Conn]string{}}
	for {
		c, err := l.Accept()
		if err != nil {
			log.Print(err)
			continue
		}
		go h.serve(c)
	}
}
