import type { DisclosureId } from '../model/ids.ts'
import type { Notice, ScopeWords } from './notice.ts'

const BASE = 'https://mission-gateway.example/fhir/StructureDefinition/'

/** Where in FHIR the notice, the scope and the ledger entry stand: extensions of `meta`, of the Bundle or of the single resource. */
export const EXTENSION_URLS = {
  notice: `${BASE}redisclosure-notice`,
  scope: `${BASE}consent-scope`,
  disclosure: `${BASE}disclosure-id`,
} as const

const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation'

/** The extensions as JSON text, by commas. @law 42 CFR 2.32 */
export const extensionText = (id: DisclosureId, notice: Notice | undefined, scopes: readonly ScopeWords[]): string => {
  const texts = [JSON.stringify({ url: EXTENSION_URLS.disclosure, valueString: id })]
  if (notice !== undefined) texts.push(noticeExtension(notice), ...scopes.map(scopeExtension))
  return texts.join(',')
}

const noticeTexts = new WeakMap<Notice, string>()

const noticeExtension = (notice: Notice): string => {
  const have = noticeTexts.get(notice)
  if (have !== undefined) return have
  const made = JSON.stringify({
    url: EXTENSION_URLS.notice,
    extension: [
      { url: 'statement', valuePositiveInt: notice.statement },
      { url: 'edition', valueDate: notice.edition },
      translated('text', notice.text),
    ],
  })
  noticeTexts.set(notice, made)
  return made
}

const scopeTexts = new WeakMap<ScopeWords, string>()

const scopeExtension = (scope: ScopeWords): string => {
  const have = scopeTexts.get(scope)
  if (have !== undefined) return have
  const made = JSON.stringify({
    url: EXTENSION_URLS.scope,
    extension: [
      { url: 'consent', valueString: scope.consent },
      { url: 'version', valueString: scope.version },
      translated('text', scope.text),
    ],
  })
  scopeTexts.set(scope, made)
  return made
}

/** English in the value, Spanish in the standard extension for translations. @spec FHIR R4 extension translation */
const translated = (url: string, text: Notice['text']): object => ({
  url,
  valueString: text.en,
  _valueString: {
    extension: [
      {
        url: TRANSLATION,
        extension: [
          { url: 'lang', valueCode: 'es' },
          { url: 'content', valueString: text.es },
        ],
      },
    ],
  },
})
