import type { Observation, Reference, Resource } from '@medplum/fhirtypes'
import type { V2Context } from './context.ts'
import type { MessageReader, SegmentReader } from './reader.ts'
import { reportOfObr, resultOfObx } from './results.ts'

/** OBR with the OBX and NTE that follow it; NTE that follow neither belong to the referral. */
export const observed = (
  from: MessageReader,
  subject: Reference<never>,
  context: V2Context,
  key: string,
): { results: (Resource & { readonly id: string })[]; notes: readonly SegmentReader[] } => {
  const results: (Resource & { readonly id: string })[] = []
  const free: SegmentReader[] = []
  let report: { obr: SegmentReader; of: (Observation & { readonly id: string })[] } | undefined
  const flush = (): void => {
    if (report !== undefined) results.push(reportOfObr(report.obr, report.of, subject, context, key))
    report = undefined
  }
  for (const [i, each] of from.segments.entries()) {
    if (each.id === 'OBR') {
      flush()
      report = { obr: each, of: [] }
    } else if (each.id === 'OBX') {
      const own = following(from.segments, i, ['NTE'], ['PRT'])
      const result = resultOfObx(each, own, subject, context, key)
      results.push(result)
      if (report !== undefined && result.resourceType === 'Observation') report.of.push(result)
    } else if (each.id === 'NTE' && !belongsToObx(from.segments, i)) free.push(each)
  }
  flush()
  return { results, notes: free }
}

/** Segments of some names directly after position `i`, passing over others. */
const following = (
  segments: readonly SegmentReader[],
  i: number,
  names: readonly string[],
  over: readonly string[],
): readonly SegmentReader[] => {
  const found: SegmentReader[] = []
  for (const each of segments.slice(i + 1)) {
    if (names.includes(each.id)) found.push(each)
    else if (!over.includes(each.id)) break
  }
  return found
}

const belongsToObx = (segments: readonly SegmentReader[], i: number): boolean => {
  for (let j = i - 1; j >= 0; j--) {
    const id = segments[j]?.id
    if (id === 'OBX') return true
    if (id !== 'NTE' && id !== 'PRT') return false
  }
  return false
}
