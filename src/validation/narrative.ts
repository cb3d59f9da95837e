// In: the XHTML of a narrative. Out: why it is not safe or not well formed, or nothing.
// Never: repairs it: a narrative that is not on the list is refused whole.

/** Elements of basic formatting. @spec FHIR R4 narrative, XHTML 1.0 chapters 7 to 11 and 15, `a` and `img` */
const ELEMENTS = new Set(
  `a abbr acronym address b big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p
   pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var`.split(/\s+/),
)
const ATTRIBUTES = new Set(
  `abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class color colspan cols
   compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape size span src start
   style summary tabindex title type valign value vspace width xml:lang xmlns`.split(/\s+/),
)
const TAG =
  /<!--|<\/([A-Za-z][A-Za-z0-9]*)\s*>|<([A-Za-z][A-Za-z0-9]*)((?:\s+[^\s=<>"'/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|</g
const ATTRIBUTE = /([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
const ENTITY = /&(?!(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)/
const LINK = /^(?:https?:|mailto:|tel:|#|[^:]*$)/i
const IMAGE = /^(?:https?:|#|data:image\/(?:png|gif|jpeg);base64,|[^:]*$)/i
/** What makes a style act or fetch: scripts of old browsers, escapes that hide them, and images from another host. */
const STYLE = /expression|@import|behavior|-moz-binding|\\|url\(['"]?(?:\/\/|(?!data:image\/)[a-z][a-z0-9+.-]*:)/i
const XHTML = 'http://www.w3.org/1999/xhtml'

/** Turns character references of an attribute into characters, so that `java&#115;cript:` is seen for what it is. */
const plain = (text: string): string =>
  text
    .replace(/&#x([0-9A-Fa-f]{1,6});/g, (_, hex: string) => String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff)))
    .replace(/&#(\d{1,7});/g, (_, digits: string) => String.fromCodePoint(Math.min(Number(digits), 0x10ffff)))
    .replace(/&(?:tab|newline|colon);/gi, ':')
    // browsers skip control characters inside a scheme
    .replace(/[\p{Cc} ]/gu, '')

function attributeFault(name: string, value: string, isRoot: boolean): string | undefined {
  const key = name.toLowerCase()
  if (!ATTRIBUTES.has(key)) return 'has an attribute that is not allowed'
  if (key === 'xmlns' && (!isRoot || value !== XHTML)) return 'has a foreign namespace'
  if ((key === 'href' || key === 'cite' || key === 'longdesc') && !LINK.test(plain(value)))
    return 'has a link of a kind that is not allowed'
  if (key === 'src' && !IMAGE.test(plain(value))) return 'has an image of a kind that is not allowed'
  if (key === 'style' && STYLE.test(plain(value))) return 'has a style that is not allowed'
  return undefined
}

function attributesFault(text: string, isRoot: boolean): string | undefined {
  let hasNamespace = false
  const seen = new Set<string>()
  for (const [, name = '', double, quoted] of text.matchAll(ATTRIBUTE)) {
    if (seen.has(name)) return 'has an attribute twice'
    seen.add(name)
    const value = double ?? quoted ?? ''
    if (name === 'xmlns') hasNamespace = true
    if (ENTITY.test(value)) return 'has a stray ampersand'
    const fault = attributeFault(name, value, isRoot)
    if (fault !== undefined) return fault
  }
  return isRoot && !hasNamespace ? 'must be in the XHTML namespace' : undefined
}

/**
 * Checks a narrative against a list of what is allowed.
 * @returns why not, in words that repeat nothing of it
 * @spec FHIR R4 narrative, txt-1 and txt-2
 */
export function narrativeFault(div: unknown): string | undefined {
  if (typeof div !== 'string') return 'must be a string of XHTML'
  if (!/^\s*<div[\s>]/.test(div)) return 'must begin with a div'
  const open: string[] = []
  let content = ''
  let from = 0
  const tags = new RegExp(TAG)
  for (let match = tags.exec(div); match; match = tags.exec(div)) {
    const between = div.slice(from, match.index)
    if (open.length === 0 && between.trim() !== '') return 'has text outside of its div'
    content += between
    from = tags.lastIndex
    const [whole, closing, opening, attributes = '', selfClosing] = match
    if (whole === '<!--') {
      const end = div.indexOf('-->', from)
      if (end < 0) return 'is not well formed: a comment is not closed'
      from = end + 3
      tags.lastIndex = from
      continue
    }
    if (closing !== undefined) {
      if (open.pop() !== closing) return 'is not well formed: an end tag does not fit'
    } else if (opening === undefined) return 'is not well formed'
    else {
      if (open.length === 0 && from !== match[0].length + div.indexOf('<')) return 'must have one div'
      if (!ELEMENTS.has(opening)) return 'has an element that is not allowed'
      const fault = attributesFault(attributes, open.length === 0)
      if (fault !== undefined) return fault
      if (opening === 'img') content += 'image'
      if (selfClosing !== '/') open.push(opening)
    }
  }
  if (open.length > 0 || div.slice(from).trim() !== '') return 'is not well formed: an element is not closed'
  if (ENTITY.test(content)) return 'has a stray ampersand'
  return /[^\s]/.test(content.replace(/&nbsp;|&#160;|&#xa0;/gi, ' ')) ? undefined : 'must have content'
}
