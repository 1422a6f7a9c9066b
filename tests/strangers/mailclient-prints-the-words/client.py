print("220 mail.example.com ESMTP - ready\n250 ok\n220 go\n250 ok\n334 \n334 \n235 ok\n250 ok\n250 ok\n354 go\n250 ok\n221 bye")
