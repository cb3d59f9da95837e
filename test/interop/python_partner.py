"""A partner made of python-hl7: receives over MLLP with mutual TLS, and sends with the library's own MLLP streams.

Argument: folder with ca.pem, own.pem, own.key. Reads one command a line, answers one line, fields by tab, messages in base64.
LISTEN port | SEND host port message | HEARD
"""

import asyncio
import base64
import ssl
import sys

import hl7
import hl7.mllp

folder = sys.argv[1]
heard = []


def encoded(text):
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def decoded(text):
    return base64.b64decode(text).decode("utf-8")


def tls(purpose):
    context = ssl.create_default_context(purpose, cafile=f"{folder}/ca.pem")
    context.load_cert_chain(f"{folder}/own.pem", f"{folder}/own.key")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def serve(reader, writer):
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            heard.append(encoded(str(message)))
            writer.writemessage(message.create_ack("AA"))
            await writer.drain()
    except asyncio.IncompleteReadError:
        writer.close()


async def send(host, port, text):
    reader, writer = await hl7.mllp.open_hl7_connection(
        host, port, ssl=tls(ssl.Purpose.SERVER_AUTH), encoding="utf-8"
    )
    try:
        writer.writemessage(hl7.parse(text))
        await writer.drain()
        answer = await asyncio.wait_for(reader.readmessage(), 20)
        msa = answer.segment("MSA")
        return "\t".join(["ANSWER", str(msa[1]), str(msa[2]), encoded(str(answer))])
    finally:
        writer.close()


async def answer_to(words):
    if words[0] == "LISTEN":
        await hl7.mllp.start_hl7_server(
            serve, "127.0.0.1", int(words[1]), ssl=tls(ssl.Purpose.CLIENT_AUTH), encoding="utf-8"
        )
        return "LISTENING"
    if words[0] == "SEND":
        return await send(words[1], int(words[2]), decoded(words[3]))
    return "\t".join(["HEARD", *heard])


async def main():
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            answer = await answer_to(line.rstrip("\n").split("\t"))
        except Exception as error:
            answer = f"FAILED\t{type(error).__name__}: {error}"
        print(answer, flush=True)


asyncio.run(main())
