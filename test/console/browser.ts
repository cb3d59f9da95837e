import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

/** Where a browser may be; `CHROMIUM_PATH` says it for machines where it is elsewhere. */
const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The browser of this machine, if it has one. */
export const browserPath = PLACES.find((path) => path !== undefined && existsSync(path))

if (browserPath === undefined)
  process.stderr.write('the tests of the console are skipped: no chromium here; CHROMIUM_PATH may name one\n')

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath ?? '', args: ['--no-sandbox', '--disable-dev-shm-usage'] })

/** What went wrong in a page: errors, refusals of the content policy, and requests that left our origin. */
export const watch = (page: Page, origin: string): readonly string[] => {
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('console', (message) => {
    // a refused request is an answer, which the page shows
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) wrong.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) wrong.push(request.url())
  })
  return wrong
}

/** A tab at a width, as somebody with this session. */
export const tabOf = async (
  browser: Browser,
  { origin, cookie, width = 1280, height = 900 }: { origin: string; cookie?: string; width?: number; height?: number },
): Promise<{ context: BrowserContext; page: Page; wrong: readonly string[] }> => {
  const context = await browser.newContext({ viewport: { width, height }, timezoneId: 'Asia/Tokyo', locale: 'en-US' })
  if (cookie !== undefined) {
    const [name = '', value = ''] = cookie.split('=')
    await context.addCookies([
      { name, value, url: origin.replace('http:', 'https:'), secure: true, httpOnly: true, sameSite: 'Strict' },
    ])
  }
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  return { context, page, wrong: watch(page, origin) }
}
