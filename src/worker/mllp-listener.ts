// In: TCP or TLS connections of HL7 v2 partners, with the bytes of one frame after another.
// Out: the acknowledgement that the handler gives, on the same connection, in order.
// Never: acknowledges by itself, hands over a frame that has not ended, or takes a second frame before the first is answered.
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import { createFrameDecoder, framedAnswers } from '../formats/hl7v2/mllp-frame.ts'

/** Who is at the other end, as the connection proves it. */
export interface Peer {
  readonly address: string
  readonly port: number
  /** SHA-256 fingerprint of the client certificate, in colon-separated hexadecimal; absent without mutual TLS. */
  readonly fingerprint?: string
  /** Common name of the client certificate. */
  readonly commonName?: string
}

export interface MllpTls {
  readonly key: string
  readonly cert: string
  /** Authorities of client certificates; when given, a client without a certificate of theirs is refused. */
  readonly ca?: string
}

export interface MllpListenerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly tls?: MllpTls
  /** Resolves with the acknowledgement (see `joinedAnswers`) once the message is durable; `undefined` or nothing for none. A rejection closes the connection without one. */
  readonly handle: (bytes: Uint8Array, peer: Peer) => Promise<Uint8Array | undefined>
  /** Largest payload in bytes; a larger one closes the connection. Default 10 MiB. */
  readonly bytesMax?: number
  /** A connection that says nothing for so long is closed. Default 10 minutes. */
  readonly idleTimeoutMs?: number
  /** Default 200; further connections are refused. */
  readonly connectionsMax?: number
  /** Hears what happened, for the log and the metrics; codes and counts only. */
  readonly observe?: (event: MllpEvent) => void
}

export type MllpEvent =
  | { readonly kind: 'opened' | 'closed' | 'handled' | 'handler-failed' | 'overflow' | 'idle' | 'tls-refused' }
  | { readonly kind: 'dropped'; readonly bytes: number }

export interface MllpListener {
  readonly host: string
  readonly port: number
  /** Stops listening, lets messages under way be answered, and closes what is left after `graceMs`. */
  readonly stop: (graceMs?: number) => Promise<void>
}

/** Starts listening; resolves when connections are taken. */
export const startMllpListener = (options: MllpListenerOptions): Promise<MllpListener> => {
  const open = new Set<Connection>()
  const serve = (socket: Socket): void => {
    const connection = serveConnection(socket, options, () => open.delete(connection))
    open.add(connection)
  }
  const server = options.tls === undefined ? createTcpServer(serve) : tlsServer(options.tls, serve)
  server.maxConnections = options.connectionsMax ?? 200
  server.on('tlsClientError', () => options.observe?.({ kind: 'tls-refused' }))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve({ host: options.host, port: portOf(server), stop: (graceMs = 5000) => stop(server, open, graceMs) })
    })
  })
}

const tlsServer = (tls: MllpTls, serve: (socket: Socket) => void): Server =>
  createTlsServer(
    {
      key: tls.key,
      cert: tls.cert,
      minVersion: 'TLSv1.2',
      ...(tls.ca === undefined ? {} : { ca: tls.ca, requestCert: true, rejectUnauthorized: true }),
    },
    serve,
  )

const portOf = (server: Server): number => (server.address() as AddressInfo).port

interface Connection {
  readonly drain: () => Promise<void>
  readonly destroy: () => void
}

const stop = async (server: Server, open: ReadonlySet<Connection>, graceMs: number): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = setTimeout(() => open.forEach((connection) => connection.destroy()), graceMs)
  await Promise.all([...open].map((connection) => connection.drain()))
  open.forEach((connection) => connection.destroy())
  await closed
  clearTimeout(timer)
}

const serveConnection = (socket: Socket, options: MllpListenerOptions, onClosed: () => void): Connection => {
  const peer = peerOf(socket)
  const decoder = createFrameDecoder(options.bytesMax ?? 10 * 1024 * 1024)
  let work: Promise<void> = Promise.resolve()
  let waiting = 0
  let isDraining = false

  const answer = async (bytes: Uint8Array): Promise<void> => {
    try {
      const acknowledgement = await options.handle(bytes, peer)
      options.observe?.({ kind: 'handled' })
      if (acknowledgement !== undefined && acknowledgement.length > 0 && !socket.destroyed)
        await write(socket, framedAnswers(acknowledgement))
    } catch {
      options.observe?.({ kind: 'handler-failed' })
      socket.destroy()
    }
  }
  const enqueue = (bytes: Uint8Array): void => {
    waiting += 1
    work = work.then(async () => {
      if (!socket.destroyed) await answer(bytes)
      waiting -= 1
      if (waiting === 0 && !isDraining) socket.resume()
    })
  }

  options.observe?.({ kind: 'opened' })
  socket.setNoDelay(true)
  socket.setKeepAlive(true)
  socket.setTimeout(options.idleTimeoutMs ?? 600_000, () => {
    if (waiting > 0) return
    options.observe?.({ kind: 'idle' })
    socket.destroy()
  })
  socket.on('data', (chunk: Uint8Array) => {
    const framed = decoder.push(chunk)
    if (framed.droppedBytes > 0) options.observe?.({ kind: 'dropped', bytes: framed.droppedBytes })
    framed.frames.forEach(enqueue)
    if (framed.isOverflow) {
      options.observe?.({ kind: 'overflow' })
      socket.destroy()
    } else if (waiting > 0) socket.pause()
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    options.observe?.({ kind: 'closed' })
    onClosed()
  })
  return {
    drain: () => {
      isDraining = true
      socket.pause()
      return work
    },
    destroy: () => socket.destroy(),
  }
}

const write = (socket: Socket, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())))

const peerOf = (socket: Socket): Peer => {
  const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate() : undefined
  const commonName = certificate?.subject.CN
  return {
    address: socket.remoteAddress ?? '',
    port: socket.remotePort ?? 0,
    ...(certificate?.fingerprint256 === undefined ? {} : { fingerprint: certificate.fingerprint256 }),
    ...(typeof commonName === 'string' ? { commonName } : {}),
  }
}
