import { readFile } from 'node:fs/promises'
import type { MailServer } from '../delivery/mail.ts'
import type { Config } from './config.ts'

/** The operator's mail server, if there is one: its password and authorities are read from their files. */
export const mailServerOf = async (config: Config): Promise<MailServer | undefined> => {
  const {
    GATEWAY_SMTP_HOST: host,
    GATEWAY_SMTP_PORT: port,
    GATEWAY_SMTP_USER: user,
    GATEWAY_SMTP_PASSWORD_FILE: passwordFile,
    GATEWAY_SMTP_CA_FILE: caFile,
    GATEWAY_MAIL_FROM: from,
  } = config
  if (host === undefined || from === undefined) return undefined
  const login =
    user === undefined || passwordFile === undefined
      ? {}
      : { login: { user, password: (await readFile(passwordFile, 'utf8')).trimEnd() } }
  return { host, port, from, ...login, ...(caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') }) }
}
