// The behavioural-health clinic: HL7 v2.5.1 over MLLP with mutual TLS in both directions, parsed with @medplum/core, on sockets of its own.
import { Hl7Message } from '@medplum/core'
import { readFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:tls'
import { serve } from './post.ts'

const [caFile = '', certFile = '', keyFile = ''] = process.argv.slice(2)
const credentials = { ca: readFileSync(caFile), cert: readFileSync(certFile), key: readFileSync(keyFile) }
const VT = '\x0b'
const END = '\x1c\r'
const received: string[] = []
let isDown = false
let controlNumber = 0

const now = (): string => new Date().toISOString().replace(/\D/g, '').slice(0, 14) + '+0000'

/** Calls back with the text of each whole frame of a socket. */
const onFrames = (socket: Socket, hear: (text: string) => void): void => {
  let waiting = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    waiting += String(chunk)
    for (let end = waiting.indexOf(END); end >= 0; end = waiting.indexOf(END)) {
      const start = waiting.indexOf(VT)
      if (start >= 0 && start < end) hear(waiting.slice(start + 1, end))
      waiting = waiting.slice(end + END.length)
    }
  })
  socket.on('error', () => socket.destroy())
}

const server = createServer({ ...credentials, requestCert: true, rejectUnauthorized: true }, (socket) => {
  onFrames(socket, (text) => {
    if (isDown) {
      socket.destroy()
      return
    }
    received.push(text)
    const msh = Hl7Message.parse(text).header
    const ack = [
      `MSH|^~\\&|BAYOU|BAYOU BH|${msh.getComponent(3, 1)}|${msh.getComponent(4, 1)}|${now()}||ACK^I12^ACK|ACK${String((controlNumber += 1))}|P|2.5.1`,
      `MSA|AA|${msh.getComponent(10, 1)}`,
    ]
    socket.write(`${VT}${ack.join('\r')}\r${END}`)
  })
})

/** Sends one message to the gateway and gives the acknowledgement back. */
const exchange = (host: string, port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...credentials }, () => socket.write(`${VT}${text}${END}`))
    socket.setTimeout(10_000, () => {
      socket.destroy()
      reject(new Error('no acknowledgement within 10 s'))
    })
    socket.on('error', reject)
    onFrames(socket, (ack) => {
      resolve(ack)
      socket.end()
    })
  })

server.listen(0, '127.0.0.1', () => {
  serve({
    address: () => Promise.resolve({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }),
    received: () => Promise.resolve(received),
    setDown: ({ down }) => {
      isDown = down === true
      return Promise.resolve(isDown)
    },
    /** Answers a REF^I12 that it received with an RRI^I12, as the clinic's referral desk would. */
    answer: ({ host, port, index, status, reason }) => {
      const ref = Hl7Message.parse(received[Number(index)] ?? '')
      const rf1 = ref.getSegment('RF1')
      const pid = ref.getSegment('PID')
      const prds = ref.getAllSegments('PRD').map(String)
      const lines = [
        `MSH|^~\\&|BAYOU|BAYOU BH|${ref.header.getComponent(3, 1)}|${ref.header.getComponent(4, 1)}|${now()}||RRI^I12^RRI_I12|RRI${String((controlNumber += 1))}|P|2.5.1`,
        `MSA|AA|${ref.header.getComponent(10, 1)}`,
        `RF1|${String(status)}|||||${String(rf1?.getField(6))}||||${typeof reason === 'string' ? reason : ''}|BAYOU-REF-1^BAYOU`,
        ...prds,
        String(pid),
      ]
      return exchange(String(host), Number(port), `${lines.join('\r')}\r`)
    },
    send: ({ host, port, text }) => exchange(String(host), Number(port), String(text)),
  })
})
