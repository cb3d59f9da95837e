import type { Resource } from '@medplum/fhirtypes'
import { PATIENT } from '../consent/support/world.ts'

type Json = Readonly<Record<string, unknown>>

/** The canary of the attacks: it goes wherever the words go that tell. */
export const MARK = 'zzc7q'

const subject = { reference: `Patient/${PATIENT}` }
const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const record = (resourceType: string, more: Json): Resource => ({ resourceType, id: 'a', ...more }) as unknown as Resource
const encounter = (more: Json): Resource =>
  record('Encounter', {
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject,
    ...more,
  })
const plan = (more: Json): Resource => record('CarePlan', { status: 'active', intent: 'plan', subject, ...more })
const task = (more: Json): Resource => record('Task', { status: 'requested', intent: 'order', for: subject, ...more })
const request = (more: Json): Resource => record('ServiceRequest', { status: 'active', intent: 'order', subject, ...more })
const answers = (item: readonly Json[]): Resource => record('QuestionnaireResponse', { status: 'completed', subject, item })
const appointment = (more: Json): Resource =>
  record('Appointment', { status: 'booked', participant: [{ actor: subject, status: 'accepted' }], ...more })
const extended = (more: Json): Resource => plan({ extension: [{ url: 'urn:x', ...more }] })

/** An element with words in it, wherever a sender might put them. @param t the words, with the canary */
export type Place = (t: string) => Resource

/** Places for words of any kind, by name. */
export const WORDS: Readonly<Record<string, Place>> = {
  'CarePlan.title': (title) => plan({ title }),
  'CarePlan.description': (description) => plan({ description }),
  'CodeableConcept.text': (text) => plan({ category: [{ text }] }),
  'Coding.display': (display) => plan({ category: [{ coding: [{ system: 'urn:x', code: '1', display }] }] }),
  'Coding.display of a coding that is known': (display) => plan({ category: [{ coding: [{ system: ICD, code: 'Z59.00', display }] }] }),
  'Coding.version': (version) => plan({ category: [{ coding: [{ system: 'urn:x', version, code: '1' }] }] }),
  'Coding.code': (code) => plan({ category: [{ coding: [{ system: 'urn:x', code }] }] }),
  'Coding.code without a system': (code) => plan({ category: [{ coding: [{ code }] }] }),
  'Annotation.text': (text) => plan({ note: [{ text }] }),
  'Annotation.authorString': (authorString) => plan({ note: [{ authorString, text: 'seen' }] }),
  'Annotation.authorReference': (display) => plan({ note: [{ authorReference: { display }, text: 'seen' }] }),
  'Reference.display': (display) => plan({ author: { display } }),
  'Reference.display beside a reference': (display) => plan({ author: { reference: 'Practitioner/1', display } }),
  'Reference.display with words in an extension': (t) =>
    plan({ author: { reference: 'Practitioner/1', display: 'x', _display: { extension: [{ url: 'urn:x', valueString: t }] } } }),
  'Reference.identifier.value': (value) => plan({ author: { identifier: { system: 'urn:x', value } } }),
  'Reference.identifier.assigner.display': (display) => plan({ author: { identifier: { value: '1', assigner: { display } } } }),
  'Reference.type': (type) => plan({ author: { type, identifier: { value: '1' } } }),
  'Identifier.value': (value) => plan({ identifier: [{ system: 'urn:x', value }] }),
  'Identifier.type.text': (text) => plan({ identifier: [{ type: { text }, value: '1' }] }),
  'Identifier.assigner.display': (display) => plan({ identifier: [{ value: '1', assigner: { display } }] }),
  'meta.tag display': (display) => plan({ meta: { tag: [{ system: 'urn:x', code: '1', display }] } }),
  'meta.tag code': (code) => plan({ meta: { tag: [{ system: 'urn:x', code }] } }),
  'meta.security display': (display) =>
    plan({ meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N', display }] } }),
  'extension of meta': (valueString) => plan({ meta: { extension: [{ url: 'urn:x', valueString }] } }),
  'contained resource': (text) => plan({ contained: [{ resourceType: 'Condition', id: 'c', subject, code: { text } }], addresses: [{ reference: '#c' }] }),
  'contained organisation': (name) =>
    plan({ contained: [{ resourceType: 'Organization', id: 'c', name }], author: { reference: '#c' } }),
  'narrative': (t) => plan({ text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${t}</div>` } }),
  'narrative, in a title': (t) => plan({ text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml"><p title="${t}">x</p></div>` } }),
  'Extension.valueString': (valueString) => extended({ valueString }),
  'Extension.valueMarkdown': (valueMarkdown) => extended({ valueMarkdown }),
  'Extension.valueCode': (valueCode) => extended({ valueCode }),
  'Extension.valueId': (valueId) => extended({ valueId }),
  'Extension.valueReference': (display) => extended({ valueReference: { display } }),
  'Extension.valueCodeableConcept': (text) => extended({ valueCodeableConcept: { text } }),
  'Extension.valueCoding': (display) => extended({ valueCoding: { display } }),
  'Extension.valueAnnotation': (text) => extended({ valueAnnotation: { text } }),
  'Extension.valueAttachment title': (title) => extended({ valueAttachment: { title } }),
  'Extension.valueHumanName': (text) => extended({ valueHumanName: { text } }),
  'Extension.valueQuantity unit': (unit) => extended({ valueQuantity: { value: 1, unit } }),
  'Extension.valueContactDetail': (name) => extended({ valueContactDetail: { name } }),
  'Extension.valueExpression': (expression) => extended({ valueExpression: { language: 'text/x', expression } }),
  'Extension.valueDosage': (text) => extended({ valueDosage: { text } }),
  'Extension.valueTiming': (text) => extended({ valueTiming: { code: { text } } }),
  'Extension.valueSampledData': (data) => extended({ valueSampledData: { origin: { value: 1 }, period: 1, dimensions: 1, data } }),
  'extension in an extension': (valueString) => plan({ extension: [{ url: 'urn:x', extension: [{ url: 'y', valueString }] }] }),
  'extension of a date': (valueString) => plan({ created: '2026-01-01', _created: { extension: [{ url: 'urn:x', valueString }] } }),
  'extension of a status': (valueString) => plan({ _status: { extension: [{ url: 'urn:x', valueString }] } }),
  'extension of an id': (valueString) => plan({ _id: { extension: [{ url: 'urn:x', valueString }] } }),
  'extension of what is absent': (valueString) =>
    plan({ _title: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }, { url: 'urn:x', valueString }] } }),
  'modifierExtension': (valueString) => plan({ modifierExtension: [{ url: 'urn:x', valueString }] }),
  'CarePlan.activity.detail.description': (description) => plan({ activity: [{ detail: { status: 'scheduled', description } }] }),
  'CarePlan.activity.progress': (text) => plan({ activity: [{ progress: [{ text }], detail: { status: 'scheduled' } }] }),
  'Goal.description': (text) => record('Goal', { lifecycleStatus: 'active', subject, description: { text } }),
  'Goal.target.detailString': (detailString) =>
    record('Goal', { lifecycleStatus: 'active', subject, description: { text: 'a home' }, target: [{ measure: { text: 'x' }, detailString }] }),
  'Goal.statusReason': (statusReason) => record('Goal', { lifecycleStatus: 'active', subject, description: { text: 'a home' }, statusReason }),
  'Task.input.valueString': (valueString) => task({ input: [{ type: { text: 'x' }, valueString }] }),
  'Task.input.type': (text) => task({ input: [{ type: { text }, valueString: 'x' }] }),
  'Task.output.valueMarkdown': (valueMarkdown) => task({ output: [{ type: { text: 'x' }, valueMarkdown }] }),
  'Task.description': (description) => task({ description }),
  'Task.businessStatus': (text) => task({ businessStatus: { text } }),
  'Task.statusReason': (text) => task({ statusReason: { text } }),
  'ServiceRequest.patientInstruction': (patientInstruction) => request({ code: { text: 'housing' }, patientInstruction }),
  'ServiceRequest.locationCode': (text) => request({ code: { text: 'housing' }, locationCode: [{ text }] }),
  'Appointment.comment': (comment) => appointment({ comment }),
  'Appointment.description': (description) => appointment({ description }),
  'Appointment.participant.actor': (display) =>
    appointment({ participant: [{ actor: subject, status: 'accepted' }, { actor: { display }, status: 'accepted' }] }),
  'Encounter.serviceProvider': (display) => encounter({ serviceProvider: { display } }),
  'Encounter.location': (display) => encounter({ location: [{ location: { display } }] }),
  'Encounter.hospitalization': (text) => encounter({ hospitalization: { dischargeDisposition: { text } } }),
  'Encounter.class': (display) => record('Encounter', { status: 'finished', class: { system: 'urn:x', code: 'AMB', display }, subject }),
  'Questionnaire item': (text) => answers([{ linkId: '1', text, answer: [{ valueBoolean: true }] }]),
  'Questionnaire group': (text) => answers([{ linkId: '1', text, item: [{ linkId: '2', text: 'how often', answer: [{ valueInteger: 4 }] }] }]),
  'Questionnaire answer': (valueString) => answers([{ linkId: '1', text: 'what else', answer: [{ valueString }] }]),
  'Questionnaire linkId': (linkId) => answers([{ linkId, answer: [{ valueBoolean: true }] }]),
  'Questionnaire question under an answer': (text) =>
    answers([{ linkId: '1', answer: [{ valueBoolean: true, item: [{ linkId: '2', text, answer: [{ valueBoolean: true }] }] }] }]),
  'Observation.referenceRange': (text) =>
    record('Observation', { status: 'final', code: { text: 'x' }, subject, valueString: 'y', referenceRange: [{ text }] }),
  'Observation.component': (valueString) =>
    record('Observation', { status: 'final', code: { text: 'x' }, subject, component: [{ code: { text: 'z' }, valueString }] }),
  'Observation.method': (text) => record('Observation', { status: 'final', code: { text: 'x' }, subject, valueString: 'y', method: { text } }),
  'Observation.device': (display) => record('Observation', { status: 'final', code: { text: 'x' }, subject, valueString: 'y', device: { display } }),
  'Coverage.payor': (display) => record('Coverage', { status: 'active', beneficiary: subject, payor: [{ display }] }),
  'Coverage.class name': (name) => record('Coverage', { status: 'active', beneficiary: subject, payor: [subject], class: [{ type: { text: 'plan' }, value: '1', name }] }),
  'Coverage.network': (network) => record('Coverage', { status: 'active', beneficiary: subject, payor: [subject], network }),
  'Communication.payload': (contentString) => record('Communication', { status: 'completed', subject, payload: [{ contentString }] }),
  'Communication.topic': (text) => record('Communication', { status: 'completed', subject, topic: { text } }),
  'DocumentReference.content title': (title) =>
    record('DocumentReference', { status: 'current', subject, content: [{ attachment: { contentType: 'text/plain', data: 'bGVhc2U=', title } }] }),
  'DocumentReference.content data': (t) =>
    record('DocumentReference', { status: 'current', subject, content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(t).toString('base64') } }] }),
  'DocumentReference.content type': (t) =>
    record('DocumentReference', { status: 'current', subject, content: [{ attachment: { contentType: `text/plain; ${t}`, data: 'bGVhc2U=' } }] }),
  'DocumentReference.custodian': (display) =>
    record('DocumentReference', { status: 'current', subject, custodian: { display }, content: [{ attachment: { contentType: 'text/plain', data: 'bGVhc2U=' } }] }),
  'CareTeam.name': (name) => record('CareTeam', { status: 'active', subject, name }),
  'CareTeam.participant.role': (text) => record('CareTeam', { status: 'active', subject, participant: [{ role: [{ text }], member: { display: 'x' } }] }),
  'MeasureReport.evaluatedResource': (display) =>
    record('MeasureReport', { status: 'complete', type: 'individual', measure: 'urn:measure', subject, period: { start: '2026-01-01' }, evaluatedResource: [{ display }] }),
  'MeasureReport.group.code': (text) =>
    record('MeasureReport', { status: 'complete', type: 'individual', measure: 'urn:measure', subject, period: { start: '2026-01-01' }, group: [{ code: { text } }] }),
  'RelatedPerson.relationship': (text) => record('RelatedPerson', { patient: subject, relationship: [{ text }] }),
  'RelatedPerson.address': (t) => record('RelatedPerson', { patient: subject, address: [{ line: [t] }] }),
  'RelatedPerson.address city': (city) => record('RelatedPerson', { patient: subject, address: [{ city }] }),
  'RelatedPerson.address state': (state) => record('RelatedPerson', { patient: subject, address: [{ state }] }),
  'RelatedPerson.address country': (country) => record('RelatedPerson', { patient: subject, address: [{ country }] }),
  'RelatedPerson.address postal code': (postalCode) => record('RelatedPerson', { patient: subject, address: [{ postalCode }] }),
  'RelatedPerson.telecom': (value) => record('RelatedPerson', { patient: subject, telecom: [{ system: 'email', value }] }),
  'RelatedPerson.name, after it': (t) => record('RelatedPerson', { patient: subject, name: [{ text: `Maria HTEST, ${t}` }] }),
  'RelatedPerson.name suffix': (suffix) => record('RelatedPerson', { patient: subject, name: [{ family: 'HTEST', suffix: [suffix] }] }),
  'RelatedPerson.name given': (t) => record('RelatedPerson', { patient: subject, name: [{ given: [`Kim, ${t}`] }] }),
  'RelatedPerson.name prefix': (prefix) => record('RelatedPerson', { patient: subject, name: [{ family: 'HTEST', prefix: [prefix] }] }),
  'Condition.stage': (text) => record('Condition', { subject, code: { text: 'x' }, stage: [{ summary: { text } }] }),
  'Condition.evidence': (text) => record('Condition', { subject, code: { text: 'x' }, evidence: [{ code: [{ text }] }] }),
  'Condition.onsetString': (onsetString) => record('Condition', { subject, code: { text: 'x' }, onsetString }),
  'Flag.code': (text) => record('Flag', { status: 'active', subject, code: { text } }),
  'EpisodeOfCare.team': (display) => record('EpisodeOfCare', { status: 'active', patient: subject, team: [{ display }] }),
  'Procedure.complication': (text) => record('Procedure', { status: 'completed', subject, code: { text: 'x' }, complication: [{ text }] }),
  'Provenance.agent': (display) => record('Provenance', { target: [subject], recorded: '2026-01-01T00:00:00Z', agent: [{ who: { display } }] }),
  'Provenance.reason': (text) => record('Provenance', { target: [subject], recorded: '2026-01-01T00:00:00Z', agent: [{ who: { display: 'x' } }], reason: [{ text }] }),
  'Group.characteristic': (text) =>
    record('Group', { type: 'person', actual: true, member: [{ entity: subject }], characteristic: [{ code: { text }, valueBoolean: true, exclude: false }] }),
  'ChargeItem.overrideReason': (overrideReason) => record('ChargeItem', { status: 'billable', code: { text: 'x' }, subject, overrideReason }),
} // prettier-ignore

/** Places for words without blanks: addresses, ids, keys. @param t such a word */
export const KEYS: Readonly<Record<string, Place>> = {
  'id of the record': (id) => plan({ id }),
  'id of an element': (id) => plan({ note: [{ id, text: 'seen' }] }),
  'Extension.url': (t) => extended({ url: `https://x.example/${t}`, valueBoolean: true }),
  'Extension.url of a record': (t) => plan({ extension: [{ url: `https://x.example/${t}`, valueReference: { reference: 'Organization/1' } }] }),
  'Extension.valueUri': (t) => extended({ valueUri: `https://x.example/${t}` }),
  'Extension.valueOid': (t) => extended({ valueUri: `urn:${t}` }),
  'Identifier.system': (t) => plan({ identifier: [{ system: `https://x.example/${t}`, value: '1' }] }),
  'Identifier.system as a name': (t) => plan({ identifier: [{ system: `urn:${t}`, value: '1' }] }),
  'Identifier.value': (value) => plan({ identifier: [{ value }] }),
  'Identifier.assigner': (t) => plan({ identifier: [{ value: '1', assigner: { reference: `Organization/${t}` } }] }),
  'Reference.reference': (t) => plan({ author: { reference: `Organization/${t}` } }),
  'Reference.reference on another server': (t) => plan({ author: { reference: `https://${t}.example/fhir/Organization/1` } }),
  'Reference.reference to staff': (t) => plan({ author: { reference: `Practitioner/${t}` } }),
  'Reference.identifier.system': (t) => plan({ author: { identifier: { system: `urn:${t}`, value: '1' } } }),
  'Coding.system': (t) => plan({ category: [{ coding: [{ system: `https://x.example/${t}`, code: '1' }] }] }),
  'Coding.code': (code) => plan({ category: [{ coding: [{ system: 'urn:x', code }] }] }),
  'meta.source': (t) => plan({ meta: { source: `https://x.example/${t}` } }),
  'meta.source with a fragment': (t) => plan({ meta: { source: `urn:x#${t}` } }),
  'meta.tag system': (t) => plan({ meta: { tag: [{ system: `https://x.example/${t}`, code: '1' }] } }),
  'meta.profile': (t) => plan({ meta: { profile: [`https://x.example/StructureDefinition/${t}`] } }),
  'implicitRules': (t) => plan({ implicitRules: `https://x.example/${t}` }),
  'instantiatesCanonical': (t) => plan({ instantiatesCanonical: [`https://x.example/PlanDefinition/${t}`] }),
  'instantiatesUri': (t) => plan({ instantiatesUri: [`https://x.example/${t}`] }),
  'questionnaire': (t) => record('QuestionnaireResponse', { status: 'completed', subject, questionnaire: `https://x.example/Questionnaire/${t}`, item: [{ linkId: '1', answer: [{ valueBoolean: true }] }] }),
  'Attachment.url': (t) => record('DocumentReference', { status: 'current', subject, content: [{ attachment: { contentType: 'text/plain', url: `https://x.example/${t}.txt` } }] }),
  'ContactPoint.value': (t) => record('RelatedPerson', { patient: subject, telecom: [{ system: 'url', value: `https://x.example/${t}` }] }),
  'Provenance.policy': (t) => record('Provenance', { target: [subject], recorded: '2026-01-01T00:00:00Z', policy: [`https://x.example/${t}`], agent: [{ who: { display: 'x' } }] }),
  'MeasureReport.measure': (t) => record('MeasureReport', { status: 'complete', type: 'individual', measure: `https://x.example/${t}`, subject, period: { start: '2026-01-01' } }),
  'narrative link': (t) => plan({ text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="https://x.example/${t}">x</a></div>` } }),
} // prettier-ignore

const homoglyphs = (text: string): string =>
  text.replace(/[aeiopcxs]/g, (c) => ({ a: 'а', e: 'е', i: 'і', o: 'о', p: 'р', c: 'с', x: 'х', s: 'ѕ' })[c] ?? c)
const between = (mark: string) => (text: string) => text.replace(/(\p{L})(?=\p{L})/gu, `$1${mark}`)
const shifted = (from: number) => (text: string) =>
  text.replace(/[a-z]/g, (c) => String.fromCodePoint(from + c.charCodeAt(0) - 97))

/** How words may be written so that a search for them does not find them. */
export const DISGUISES: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (t) => t,
  'in capitals': (t) => t.toUpperCase(),
  'mixed': (t) => [...t].map((c, at) => (at % 2 === 0 ? c.toUpperCase() : c)).join(''),
  'with accents': (t) => t.replace(/e/g, 'é').replace(/o/g, 'ö'),
  'with accents apart': (t) => t.replace(/e/g, 'é').normalize('NFD'),
  'with rare accents': (t) => t.replace(/e/g, 'ē').replace(/o/g, 'ő').replace(/i/g, 'ĭ'),
  'with spaces of no width': between('\u200B'),
  'with joiners': between('\u200D'),
  'with word joiners': between('\u2060'),
  'with soft hyphens': between('\u00AD'),
  'with byte order marks': between('\uFEFF'),
  'with marks of direction': between('\u200E'),
  'with variation selectors': between('\uFE0F'),
  'in Cyrillic look-alikes': homoglyphs,
  'in full width': shifted(0xff41),
  'in bold': shifted(0x1d41a),
  'in circles': shifted(0x24d0),
  'in HTML numbers': (t) => [...t].map((c) => `&#${String(c.codePointAt(0))};`).join(''),
  'in HTML hex': (t) => [...t].map((c) => `&#x${(c.codePointAt(0) ?? 0).toString(16)};`).join(''),
  'with HTML blanks': (t) => t.replaceAll(' ', '&nbsp;'),
  'with one HTML number': (t) => t.replace('e', '&#101;'),
  'in percent signs': (t) => [...t].map((c) => `%${(c.codePointAt(0) ?? 0).toString(16)}`).join(''),
  'with percent blanks': (t) => t.replaceAll(' ', '%20'),
  'with plus signs': (t) => t.replaceAll(' ', '+'),
  'with underscores': (t) => t.replaceAll(' ', '_'),
  'with hyphens': (t) => t.replaceAll(' ', '-'),
  'in one word': (t) => t.replace(/ (.)/g, (_, c: string) => c.toUpperCase()),
  'with hard blanks': (t) => t.replaceAll(' ', '\u00A0'),
  'broken by lines': (t) => t.replaceAll(' ', '\n'),
  'broken by lines of the web': (t) => t.replaceAll(' ', '\r\n'),
  'with a hyphen at the end of a line': (t) => t.replace(/(.{4})/, '$1-\n'),
  'in base64': (t) => Buffer.from(t).toString('base64'),
  'in base64 in a sentence': (t) => `see ${Buffer.from(t).toString('base64')} there`,
  'in base64 for addresses': (t) => Buffer.from(t).toString('base64url'),
  'in hex': (t) => Buffer.from(t).toString('hex'),
  'in JSON escapes': (t) => [...t].map((c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`).join(''),
  'letter by letter': (t) => t.split(' ').map((w) => [...w].join(' ')).join('  '),
  'letter by letter with hyphens': (t) => t.split(' ').map((w) => [...w].join('-')).join(' '),
  'with dots': (t) => t.split(' ').map((w) => [...w].join('.')).join(' '),
  'with digits for letters': (t) => t.replace(/o/g, '0').replace(/i/g, '1').replace(/e/g, '3'),
  'in tags': (t) => t.replace(/(.{3})/, '$1<b></b>'),
} // prettier-ignore

const K = 'Condition/5f0c2a1e-77aa-4e6b-9a35-1f2e3d4c5b6a'
const ID = K.slice('Condition/'.length)

/** A diagnosis that is withheld, known by its id and by a number of its own. */
export const SECRET: Resource = {
  resourceType: 'Condition',
  id: ID,
  subject,
  identifier: [{ system: 'urn:cases', value: `K-4711-${MARK}` }],
  code: { coding: [{ system: ICD, code: 'F11.20' }] },
}

/** What tells of it: its id, and its number. */
export const SECRET_NAMES: readonly string[] = [
  ID,
  ID.toUpperCase(),
  `K-4711-${MARK}`,
  Buffer.from(K).toString('base64'),
  encodeURIComponent(K),
]

/** Ways to mention it in another record. */
export const MENTIONS: Readonly<Record<string, Resource>> = {
  'a reference': plan({ addresses: [{ reference: K, display: 'the matter' }] }),
  'one with a version': plan({ addresses: [{ reference: `${K}/_history/3` }] }),
  'one with a server': plan({ addresses: [{ reference: `https://gw.example/fhir/${K}` }] }),
  'one with a server and a question': plan({ addresses: [{ reference: `https://gw.example/fhir/${K}?_format=json` }] }),
  'a URN': plan({ addresses: [{ reference: `urn:uuid:${ID}` }] }),
  'its identifier': plan({ addresses: [{ identifier: { system: 'urn:cases', value: `K-4711-${MARK}` } }] }),
  'its identifier without a system': plan({ addresses: [{ identifier: { value: `K-4711-${MARK}` } }] }),
  'its identifier in an extension': plan({ extension: [{ url: 'urn:x', valueIdentifier: { system: 'urn:cases', value: `K-4711-${MARK}` } }] }),
  'a note': plan({ note: [{ text: `see ${K}.` }] }),
  'a note, escaped': plan({ note: [{ text: `see ${encodeURIComponent(K)}` }] }),
  'a note, as an entity': plan({ note: [{ text: `see Condition&#47;${ID}` }] }),
  'a note, with a sign of no width': plan({ note: [{ text: `see Condition/\u200B${ID}` }] }),
  'a note, in base64': plan({ note: [{ text: `see ${Buffer.from(K).toString('base64')} there` }] }),
  'its id alone': plan({ note: [{ text: `see ${ID}` }] }),
  'its id in capitals': plan({ note: [{ text: `see ${ID.toUpperCase()}` }] }),
  'a narrative': plan({ text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${K}">x</a></div>` } }),
  'an address in an extension': plan({ extension: [{ url: 'urn:x', valueUrl: `https://gw.example/fhir/Condition?_id=${ID}` }] }),
  'a canonical': plan({ instantiatesCanonical: [K] }),
  'meta.source': plan({ meta: { source: `https://gw.example/fhir/${K}` } }),
  'an answer': answers([{ linkId: '1', answer: [{ valueUri: K }] }]),
  'an input': task({ input: [{ type: { text: 'x' }, valueString: K }] }),
} // prettier-ignore
