// In: counts and durations under the names of a closed list. Out: the text that a Prometheus server scrapes.
// Never: a label that could name a person, or labels without end: what exceeds the bound is counted under `other`.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

type MetricKind = 'counter' | 'gauge' | 'histogram'

/** Every metric: a row each. Labels hold codes: path templates, states, kinds; seconds are the unit of durations. */
const METRICS = {
  http_request_seconds: { kind: 'histogram', help: 'time to answer a request', labels: ['method', 'route', 'status'] },
  disclosures_total: { kind: 'counter', help: 'questions of partners, by their outcome', labels: ['interaction', 'outcome'] },
  decision_seconds: { kind: 'histogram', help: 'time to decide again for one patient', labels: [] },
  decisions_waiting: { kind: 'gauge', help: 'patients, and records of nobody, about whom has to be decided again', labels: [] },
  ledger_append_seconds: { kind: 'histogram', help: 'time until an entry is durable', labels: [] },
  inbox_messages_total: { kind: 'counter', help: 'messages taken in, by format and outcome', labels: ['format', 'outcome'] },
  outbox_messages: { kind: 'gauge', help: 'messages that wait, by state', labels: ['state'] },
  referrals_need_person: { kind: 'gauge', help: 'referrals that wait for a person, by kind', labels: ['kind'] },
  mllp_events_total: { kind: 'counter', help: 'what happened on the HL7 v2 listener, by kind', labels: ['kind'] },
  elements_without_home_total: {
    kind: 'counter',
    help: 'elements of what HL7 v2 messages told that have no field in them, by message',
    labels: ['message'],
  },
  deliveries_total: { kind: 'counter', help: 'attempts to deliver, by channel and outcome', labels: ['channel', 'outcome'] },
  reads_answered: {
    kind: 'gauge',
    help: 'statements for partners since the start, by the server that answered',
    labels: ['server'],
  },
  database_statement_failures_total: { kind: 'counter', help: 'statements that failed, by SQLSTATE', labels: ['sqlstate'] },
} as const satisfies Record<string, { readonly kind: MetricKind; readonly help: string; readonly labels: readonly string[] }>

type Catalogue = typeof METRICS
type Named<K extends MetricKind> = { [M in keyof Catalogue]: Catalogue[M]['kind'] extends K ? M : never }[keyof Catalogue]
type LabelsOf<M extends keyof Catalogue> = { readonly [L in Catalogue[M]['labels'][number]]: string }

export interface Metrics {
  readonly count: <M extends Named<'counter'>>(metric: M, labels: LabelsOf<M>, by?: number) => void
  readonly set: <M extends Named<'gauge'>>(metric: M, labels: LabelsOf<M>, value: number) => void
  /** @param ms milliseconds; shown in seconds */
  readonly time: <M extends Named<'histogram'>>(metric: M, labels: LabelsOf<M>, ms: number) => void
  /** Everything so far, in Prometheus' text format. */
  readonly text: () => Promise<string>
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
/** Different values that one label of one metric may take. */
const VALUES_MAX = 100
const CODE = /^[A-Za-z0-9_.:/{}*$-]{1,80}$/
const OTHER = 'other'

/** A registry of its own: two gateways in one process do not count together. */
export const openMetrics = (): Metrics => {
  const registry = new Registry()
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  for (const [metric, { kind, help, labels }] of Object.entries(METRICS)) {
    const options = { name: `gateway_${metric}`, help, labelNames: [...labels], registers: [registry] }
    if (kind === 'counter') counters.set(metric, new Counter(options))
    else if (kind === 'gauge') gauges.set(metric, new Gauge(options))
    else histograms.set(metric, new Histogram({ ...options, buckets: SECONDS }))
  }
  const bound = boundedLabels()
  return {
    count: (metric, labels, by = 1) => counters.get(metric)?.inc(bound(metric, labels), by),
    set: (metric, labels, value) => gauges.get(metric)?.set(bound(metric, labels), value),
    time: (metric, labels, ms) => histograms.get(metric)?.observe(bound(metric, labels), ms / 1000),
    text: () => registry.metrics(),
  }
}

/** Lets through the listed labels of a metric, each with its first hundred values that are codes. */
const boundedLabels = (): ((metric: keyof Catalogue, labels: Readonly<Record<string, string>>) => Record<string, string>) => {
  const known = new Map<string, Set<string>>()
  return (metric, labels) =>
    Object.fromEntries(
      METRICS[metric].labels.map((label) => {
        const value = labels[label] ?? OTHER
        const values = known.get(`${metric} ${label}`) ?? new Set()
        known.set(`${metric} ${label}`, values)
        if (!CODE.test(value) || (!values.has(value) && values.size >= VALUES_MAX)) return [label, OTHER]
        values.add(value)
        return [label, value]
      }),
    )
}
