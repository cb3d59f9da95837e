import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Every page of the console by the end of its address. */
export const PAGE_NAMES = [
  '',
  'disclosures',
  'consents',
  'simulator',
  'withheld',
  'emergencies',
  'requests',
  'referrals',
  'deliveries',
  'partners',
  'integrity',
  'staff',
] as const

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds against WCAG 2.2 AA, each with the first of its elements. @param contrastOnly where only colours can differ */
export const faultsOf = async (page: Page, contrastOnly = false): Promise<readonly string[]> => {
  const runOnly = contrastOnly ? ['color-contrast'] : RULES
  await page.evaluate(`if (window.axe === undefined) { ${axe.source} }`)
  const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    `axe.run(document, { runOnly: ${JSON.stringify(runOnly)} })`,
  )
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

/** Waits until a page has what it asked for. */
export const settled = async (page: Page): Promise<void> => {
  await page.locator('h1').waitFor()
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => document.querySelector('[aria-label="Loading"], [aria-busy="true"]') === null)
}

/** Whether the page fits its width once charts have been drawn anew: else people scroll in two directions. @spec WCAG 2.2, 1.4.10 */
export const fits = (page: Page): Promise<boolean> =>
  page
    .waitForFunction('document.documentElement.scrollWidth <= window.innerWidth', undefined, { timeout: 3_000 })
    .then(() => true)
    .catch(() => false)

/** One stop of the keyboard. */
export interface Stop {
  readonly name: string
  readonly isVisible: boolean
}

/** What has the focus: by which number it is known to this page, its words, and whether somebody sees that it has it. */
const HERE = `(() => {
  const node = document.activeElement
  if (node === null || node === document.body) return null
  window.stopped ??= new Set()
  // a field of a date has a stop for each of its parts
  const isAgain = window.stopped.has(node) && window.lastStop !== node
  window.lastStop = node
  window.stopped.add(node)
  // a control whose own box is hidden shows its focus on the words beside it
  const seen = [node, node.nextElementSibling].filter((one) => one !== null)
  const style = (one) => getComputedStyle(one)
  const box = (one) => one.getBoundingClientRect()
  const isVisible = seen.some((one) => {
    const { outlineStyle, outlineWidth } = style(one)
    const { width, height, bottom, top } = box(one)
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && width > 1 && height > 1 && bottom > 0 && top < innerHeight
  })
  const words = node.getAttribute('aria-label') ?? node.labels?.[0]?.textContent ?? node.textContent ?? ''
  return { isAgain, name: node.tagName.toLowerCase() + ' ' + words.trim().slice(0, 40), isVisible }
})()`

/** Controls that a person with a mouse could use. */
const CONTROLS = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter((node) => {
  const isChoiceBeside = node.type === 'radio' && !node.checked
  return !node.disabled && !isChoiceBeside && node.checkVisibility({ visibilityProperty: true })
})`

/** Presses Tab until it comes round; gives every stop, and the words of what it never came to. */
export const tabbed = async (page: Page): Promise<{ stops: readonly Stop[]; missed: readonly string[] }> => {
  const stops: Stop[] = []
  const most = (await page.evaluate<number>(`${CONTROLS}.length`)) + 20
  for (let nth = 0; nth < most; nth += 1) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate<(Stop & { isAgain: boolean }) | null>(HERE)
    if (stop?.isAgain === true) break
    if (stop !== null) stops.push({ name: stop.name, isVisible: stop.isVisible })
  }
  const missed = await page.evaluate<readonly string[]>(
    `${CONTROLS}.filter((node) => !window.stopped.has(node)).map((node) => node.outerHTML.slice(0, 160))`,
  )
  return { stops, missed }
}
