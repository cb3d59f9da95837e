import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchToken, newKeys, rawGet } from './partners/post.ts'
import { makeCertificates } from './certificates.ts'
import { gatewayCommand, startActor, startGateway, type Actor, type Running, type Stage } from './stage.ts'

/** Who takes part. */
export interface World {
  readonly folder: string
  readonly settings: Readonly<Record<string, string>>
  readonly gateway: Running
  readonly ehr: Actor
  readonly housing: Actor
  readonly clinic: Actor
  readonly hiv: Actor
  readonly programme: Programme
  readonly hmisFolder: string
  close: () => Promise<void>
}

/** The programme's own system: posts its records, and reads what came of them. */
export interface Programme {
  readonly post: (record: string, body: unknown) => Promise<{ status: number; resources: readonly string[] }>
  /** Its access token, good for five minutes. */
  readonly token: string
  readonly read: (path: string) => Promise<{ status: number; body: string }>
}

const openProgramme = async (gateway: Running, keys: Awaited<ReturnType<typeof newKeys>>): Promise<Programme> => {
  const token = await fetchToken({
    fhirBase: gateway.fhirBase,
    clientId: 'mission',
    keys,
    alg: 'ES384',
    scope: 'system/*.cruds',
    purpose: 'TREAT',
  })
  return {
    token,
    post: async (record, body) => {
      const answer = await fetch(`${gateway.origin}/mission/v1/${record}`, {
        method: 'POST',
        signal: AbortSignal.timeout(60_000),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      const said = (await answer.json()) as { resources?: readonly string[]; faults?: unknown; detail?: unknown }
      if (said.resources === undefined) throw new Error(`${record}: ${String(answer.status)} ${JSON.stringify(said)}`)
      return { status: answer.status, resources: said.resources }
    },
    read: (path) => rawGet(`${gateway.fhirBase}${path}`, token),
  }
}

/** The partners as their operator writes them down; `gateway partner add` reads these files. */
const partnerFiles = (of: {
  readonly jwks: Readonly<Record<'mission' | 'ehr' | 'housing' | 'hiv', unknown>>
  readonly ehrUrl: string
  readonly hivUrl: string
  readonly clinic: { readonly host: string; readonly port: number }
  readonly certificate: string
  readonly caFile: string
  readonly hmisFolder: string
}): readonly Readonly<Record<string, unknown>>[] => {
  const npi = (value: string): object[] => [{ system: 'http://hl7.org/fhir/sid/us-npi', value }]
  return [
    {
      id: 'mission',
      name: 'Gulf Coast MISSION Program',
      kind: ['programme', 'part2-program'],
      sector: 'mission',
      jwks: { keys: [of.jwks.mission] },
      scopes: ['system/*.cruds'],
      purposes: ['TREAT', 'HOPERAT'],
    },
    {
      id: 'st-mary-hospital',
      name: 'St. Mary Hospital',
      kind: 'covered-entity',
      sector: 'hospital',
      identifiers: npi('1234567893'),
      jwks: { keys: [of.jwks.ehr] },
      scopes: ['system/*.rs'],
      purposes: ['TREAT', 'HPAYMT'],
      channels: [{ kind: 'fhir-pull' }, { kind: 'fhir-push', baseUrl: of.ehrUrl }],
    },
    {
      id: 'harbor-housing',
      name: 'Harbor Housing',
      kind: 'lawful-holder',
      sector: 'housing',
      jwks: { keys: [of.jwks.housing] },
      scopes: ['system/*.rs', 'system/Task.u', 'system/Procedure.c'],
      purposes: ['COC'],
      channels: [{ kind: 'fhir-pull' }, { kind: 'hmis-csv', folder: of.hmisFolder, projectType: '3' }],
    },
    {
      id: 'bayou-bh',
      name: 'Bayou Behavioral Health',
      kind: ['part2-program', 'covered-entity'],
      sector: 'behavioural-health',
      identifiers: npi('1234567802'),
      purposes: ['TREAT'],
      channels: [
        {
          kind: 'hl7v2',
          ...of.clinic,
          version: '2.5.1',
          application: 'BAYOU',
          facility: 'BAYOU BH',
          zone: 'America/Chicago',
          certificate: of.certificate,
          caFile: of.caFile,
          messages: ['REF^I12', 'REF^I14', 'REF^I15', 'RRI^I12', 'SIU^S12', 'SIU^S13', 'SIU^S15', 'SIU^S26'],
        },
      ],
    },
    {
      id: 'montrose-hiv',
      name: 'Montrose HIV Clinic',
      kind: 'covered-entity',
      sector: 'hiv',
      identifiers: npi('1234567810'),
      jwks: { keys: [of.jwks.hiv] },
      scopes: ['system/*.rs', 'system/Task.u', 'system/Observation.c'],
      purposes: ['TREAT'],
      channels: [{ kind: 'fhir-push', baseUrl: of.hivUrl }],
    },
  ]
}

/** Starts the partners, the gateway on an embedded PostgreSQL in a folder of its own, and registers everybody. */
export const openWorld = async (stage: Stage): Promise<World> => {
  const folder = await mkdtemp(join(tmpdir(), 'mission-demo-'))
  // root's PostgreSQL runs as another account, which has to pass through; else its files would lie elsewhere and stay behind
  await chmod(folder, 0o711)
  const hmisFolder = join(folder, 'hmis')
  await mkdir(hmisFolder)
  const certificates = await makeCertificates(folder, ['gateway', 'bayou'])
  const { caFile } = certificates.bayou
  const [ehr, housing, hiv, clinic] = await stage.during(
    'starting four partners',
    Promise.all([
      startActor('ehr.ts'),
      startActor('housing.ts'),
      startActor('hiv-clinic.ts'),
      startActor('clinic-v2.ts', [caFile, certificates.bayou.certFile, certificates.bayou.keyFile]),
    ]),
  )
  const settings = {
    GATEWAY_DATA_DIR: join(folder, 'data'),
    GATEWAY_PORT: '0',
    GATEWAY_MLLP_PORT: '0',
    GATEWAY_MLLP_TLS_CA_FILE: caFile,
    GATEWAY_MLLP_TLS_CERT_FILE: certificates.gateway.certFile,
    GATEWAY_MLLP_TLS_KEY_FILE: certificates.gateway.keyFile,
    GATEWAY_RETRY_FIRST_MS: '300',
    GATEWAY_LOG_LEVEL: 'warn',
  }
  const gateway = await stage.during('starting the gateway on its embedded PostgreSQL', startGateway(settings))
  const keys = await newKeys('ES384')
  const [ehrKey, housingKey, hivKey, ehrUrl, hivUrl, clinicAddress] = await Promise.all([
    ehr.ask('keys'),
    housing.ask('keys'),
    hiv.ask('keys'),
    ehr.ask<string>('address'),
    hiv.ask<string>('address'),
    clinic.ask<{ host: string; port: number }>('address'),
  ])
  const jwks = { mission: keys.publicJwk, ehr: ehrKey, housing: housingKey, hiv: hivKey }
  const files = partnerFiles({
    jwks,
    ehrUrl,
    hivUrl,
    clinic: clinicAddress,
    certificate: certificates.bayou.fingerprint,
    caFile,
    hmisFolder,
  })
  for (const file of files) {
    const path = join(folder, `${String(file['id'])}.json`)
    await writeFile(path, JSON.stringify(file, null, 2))
    stage.say(
      `gateway partner add: ${(await stage.during(`registering ${String(file['name'])}`, gatewayCommand(settings, 'partner', 'add', path))).trim().replaceAll('\t', '  ')}`,
    )
  }
  return {
    folder,
    settings,
    gateway,
    ehr,
    housing,
    clinic,
    hiv,
    hmisFolder,
    programme: await openProgramme(gateway, keys),
    close: async () => {
      for (const actor of [ehr, housing, clinic, hiv]) actor.leave()
      await gateway.stop()
    },
  }
}
