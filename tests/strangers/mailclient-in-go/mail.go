// Right: net/smtp.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/smtp"
	"os"
	"strings"
	"time"
)

type login struct{ user, password string }

func (l *login) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }
func (l *login) Next(q []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	if strings.HasPrefix(strings.ToLower(string(q)), "user") {
		return []byte(l.user), nil
	}
	return []byte(l.password), nil
}

func send() error {
	e := os.Getenv
	for _, v := range []string{e("MAIL_FROM"), e("MAIL_TO"), e("MAIL_SUBJECT")} {
		if strings.ContainsAny(v, "\r\n") {
			return errors.New("two lines in a header")
		}
	}
	c, err := smtp.Dial(os.Args[1] + ":" + os.Args[2])
	if err != nil {
		return err
	}
	defer c.Close()
	pem, _ := os.ReadFile(e("MAIL_CA"))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	steps := func() error {
		if err := c.StartTLS(&tls.Config{RootCAs: roots, ServerName: os.Args[1]}); err != nil {
			return err
		}
		if err := c.Auth(&login{e("MAIL_USER"), e("MAIL_PASSWORD")}); err != nil {
			return err
		}
		if err := c.Mail(e("MAIL_FROM")); err != nil {
			return err
		}
		if err := c.Rcpt(e("MAIL_TO")); err != nil {
			return err
		}
		w, err := c.Data()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
			e("MAIL_FROM"), e("MAIL_TO"), mime.QEncoding.Encode("utf-8", e("MAIL_SUBJECT")), time.Now().Format(time.RFC1123Z), time.Now().UnixNano())
		body := strings.ReplaceAll(strings.ReplaceAll(e("MAIL_BODY"), "\r\n", "\n"), "\n", "\r\n")
		if !strings.HasSuffix(body, "\r\n") {
			body += "\r\n"
		}
		b := base64.StdEncoding.EncodeToString([]byte(body))
		for len(b) > 76 {
			fmt.Fprintf(w, "%s\r\n", b[:76])
			b = b[76:]
		}
		fmt.Fprintf(w, "%s\r\n", b)
		return w.Close()
	}
	if err := steps(); err != nil {
		c.Quit()
		return err
	}
	c.Quit()
	return nil
}

func main() {
	if err := send(); err != nil {
		fmt.Fprintln(os.Stderr, "mail not sent:", err)
		os.Exit(1)
	}
	fmt.Println("sent")
}
