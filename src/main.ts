import { readConfig } from './app/config.ts'
import { openGateway } from './app/gateway.ts'
import { framesOf, openLog } from './platform/log.ts'

/** The front door: reads the configuration, opens the gateway, says that it is ready, and closes it on SIGTERM or SIGINT. */
const config = readConfig(process.env)
if (!config.ok) {
  process.stderr.write(`The gateway does not start:\n${config.error.map((fault) => `  - ${fault}\n`).join('')}`)
  process.exit(78)
}

const log =
  config.value.GATEWAY_LOG_LEVEL === 'silent' ? openLog(undefined, 'error') : openLog(undefined, config.value.GATEWAY_LOG_LEVEL)

const leave = (where: string, error: unknown): never => {
  log('gateway.fault', {
    where,
    error: error instanceof Error ? error.name : 'unknown',
    code: 'unexpected',
    frames: framesOf(error),
  })
  process.exit(1)
}
process.on('uncaughtException', (error) => leave('uncaught', error))
process.on('unhandledRejection', (error) => leave('unhandled', error))

const gateway = await openGateway(config.value, log).catch((error: unknown) => {
  process.stderr.write(`The gateway does not start: ${error instanceof Error ? error.message : 'unknown fault'}\n`)
  return leave('start', error)
})
process.stdout.write(`ready fhir=${gateway.fhirBase} origin=${gateway.origin} mllp=${gateway.mllpAddress}\n`)

// a terminal's Ctrl-C and a supervisor reach the whole process group, so that the same signal may come more than once
let isClosing = false
const close = (signal: string): void => {
  if (isClosing) return
  isClosing = true
  log('gateway.stopping', { signal })
  gateway.close().then(
    () => process.exit(0),
    (error: unknown) => leave('stop', error),
  )
}
process.on('SIGTERM', () => {
  close('SIGTERM')
})
process.on('SIGINT', () => {
  close('SIGINT')
})
