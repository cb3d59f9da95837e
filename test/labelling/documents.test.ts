import { describe, expect, test } from '@jest/globals'
import { seen, sightings } from './sightings.ts'

const plan = (elements: object): object => ({ resourceType: 'CarePlan', ...elements })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a document', () => {
  const document = (attachment: object): object => ({
    resourceType: 'Communication',
    payload: [{ contentAttachment: attachment }],
  })
  const UNREAD = ['/payload/0 UNREAD unread?']
  test.each([
    ['that is text is read', { contentType: 'text/plain', data: base64('meth') }, ['/payload/0 SUD meth']],
    ['of any text', { contentType: 'text/html', data: base64('meth') }, ['/payload/0 SUD meth']],
    ['or JSON', { contentType: 'application/json', data: base64('{"a":"meth"}') }, ['/payload/0 SUD meth']],
    ['of any kind', { contentType: 'application/fhir+json', data: base64('meth') }, ['/payload/0 SUD meth']],
    ['or XML', { contentType: 'application/hl7+xml', data: base64('<a>meth</a>') }, ['/payload/0 SUD meth']],
    ['and says nothing when there is nothing', { contentType: 'text/plain', data: base64('a studio') }, []],
    ['in another writing than it says waits', { contentType: 'text/plain', data: 'gICA' }, UNREAD],
    ['that is no base64 waits', { contentType: 'text/plain', data: '*' }, UNREAD],
    ['that is a picture waits', { contentType: 'image/png', data: base64('meth') }, UNREAD],
    ['that only ends like text waits', { contentType: 'x-text/plain', data: base64('meth') }, UNREAD],
    ['or is a package of JSON', { contentType: 'application/zip+x+json', data: base64('meth') }, UNREAD],
    ['of no stated type waits', { data: base64('meth') }, UNREAD],
    ['that is kept elsewhere waits', { contentType: 'text/plain', url: 'https://x.example/1' }, UNREAD],
    ['that is kept in another record waits', { contentType: 'text/plain', url: 'DocumentReference/1' }, UNREAD],
    ['of which nothing is said but its type is none', { contentType: 'image/png' }, []],
    ['that is one of our Binaries is told by that', { contentType: 'application/pdf', url: 'Binary/b' }, []],
    ['with an address and no type is no document', { url: 'https://x.example/1' }, []],
    ['that tells by its title', { contentType: 'image/png', url: 'Binary/b', title: 'Meth use' }, ['/payload/0 SUD meth']],
  ])('%s', (_, attachment, expected) => {
    expect(sightings(document(attachment))).toEqual(expected)
  }) // prettier-ignore

  test('of a Part 2 programme that nobody can read counts as what such a programme writes', () => {
    expect(sightings(document({ contentType: 'image/png', data: 'AA==' }), { isPart2: true })).toEqual([
      '/payload/0 MH+SUD+UNREAD unread-part2',
    ])
  })

  test('is told by the Binary that it names', () => {
    expect(seen(document({ contentType: 'a/b', url: 'https://x.example/Binary/b' })).edges).toEqual([
      { target: 'Binary/b', path: ['payload', 0, 'contentAttachment'] },
    ])
    expect(seen(document({ contentType: 'a/b', url: 'Binary/b', data: 'AA==' })).edges).toEqual([])
  })

  test.each([
    [{ contentType: 'image/png', data: 'AA==', title: 'Scan' }, 'Scan, image/png'],
    [{ contentType: 'image/png', data: 'AA==' }, 'image/png'],
    [{ data: 'AA==' }, ''],
  ])('is put before a person as it stands, under its title: %j', (attachment, title) => {
    const [sighting] = seen(document(attachment)).sightings
    expect([sighting?.text, sighting?.title]).toEqual([JSON.stringify(attachment), title])
  })

  test('that stands alone is read too', () => {
    const binary = (contentType: string, data: string): object => ({ resourceType: 'Binary', contentType, data })
    expect(sightings(binary('text/plain', base64('meth')))).toEqual(['whole SUD meth'])
    expect(sightings(binary('image/png', 'AA=='))).toEqual(['whole UNREAD unread?'])
  })

  test('in an extension is read, or put before a person to the letter', () => {
    const extended = (data: string): object => plan({ extension: [{ url: 'urn:x', valueBase64Binary: data }] })
    expect(sightings(extended(base64('meth')))).toEqual(['/extension/0 SUD meth'])
    const [sighting] = seen(extended('gICA')).sightings
    expect(sighting).toEqual({ place: { whole: false, pointer: '/extension/0' }, sensitivity: ['UNREAD'], certainty: 'doubtful', rule: 'unread', text: 'gICA' }) // prettier-ignore
  })
})
