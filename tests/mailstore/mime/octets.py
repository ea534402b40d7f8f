"""Octets to try parsers with: any at all, and such as come near to mail."""

from hypothesis import strategies as st

fragments = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b"--",
        b"--a\r\n",
        b"--a--\r\n",
        b"--ab\r\n",
        b"--ab--\n",
        b"\n--a",
        b"text\r\n",
        b"\xc3\xa4\xff",
        b"Content-Type: multipart/mixed; boundary=a\r\n",
        b'Content-Type: multipart/alternative;\r\n\tboundary="ab"\r\n',
        b"Content-Type: multipart/digest; boundary*0=a; boundary*1=b\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"content-type : message/global\n",
        b"Content-Type: text/plain; charset=utf-16\r\n",
        b"Content-Type: mes\0sage/rfc822\r\n",
        b'Content-Type: "\xff"/(\r\n',
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b'Content-Disposition: attachment; filename*0*=\'\'%41; filename*2="b\\""\r\n',
        b"Content-Language: de, en\r\n",
        b'From: "A\\" B" (c) <@r,@s:x.y@[h]>, g:a@b;, \xff@\r\n',
        b"To: =?utf-8?q?=C3?= =?utf-8?q?=A4?= <a@b\r\n",
        b"Sender: a b c@d e, <>, ;:,\r\n",
        b"Subject: =?x?b?YQ?=\r\n =?gb2312?B?////?=\r\n",
        b"Date: 1 Jan 2001 00:00:00 +0100\r\n",
    ]
)

any_octets = st.binary() | st.lists(fragments | st.binary(max_size=3), max_size=30).map(b"".join)
