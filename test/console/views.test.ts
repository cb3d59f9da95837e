import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { browserPath, openBrowser, tabOf } from './browser.ts'
import { openConsoleHouse, readyConsole, type ConsoleHouse, type Staff } from './house.ts'
import { faultsOf, fits, PAGE_NAMES, settled, tabbed } from './walk.ts'
import { openWorld } from './world.ts'

const inBrowser = browserPath === undefined ? describe.skip : describe

/** How people look at a page; 640 pixels are 1280 at a zoom of 200 %. @spec WCAG 2.2, 1.4.4 and 1.4.10 */
const VIEWS = [
  { width: 1280, colorScheme: 'light', isOtherColours: false },
  { width: 1280, colorScheme: 'dark', isOtherColours: true },
  { width: 640, colorScheme: 'light', isOtherColours: false },
  { width: 360, colorScheme: 'dark', isOtherColours: false },
] as const

const BLACK = 'rgb(0, 0, 0)'
const WHITE = 'rgb(255, 255, 255)'

interface Paper {
  readonly beside: readonly string[]
  readonly dark: readonly string[]
  readonly body: readonly string[]
  readonly heads: readonly string[]
}

/** What a sheet of paper shows of a page: names of what should not be there, and the colours. */
const PAPER = `(() => {
  const colours = (node) => { const { color, backgroundColor } = getComputedStyle(node); return [color, backgroundColor] }
  const isThere = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getBoundingClientRect().height > 0
  const grounds = [...document.querySelectorAll('body, .sheet, .lane, .tag, .table td, .table th, dialog[open]')].filter(isThere)
  return {
    beside: [...document.querySelectorAll('nav, .filters, button:not(.rowlink):not(.sorter), input, select')].filter(isThere).map((node) => node.outerHTML.slice(0, 120)),
    dark: grounds.filter((node) => !['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'].includes(colours(node)[1])).map((node) => node.outerHTML.slice(0, 120)),
    body: colours(document.body),
    heads: [...document.querySelectorAll('thead')].filter(isThere).map((node) => getComputedStyle(node).display),
  }
})()`

inBrowser('each page, however it is looked at', () => {
  let house: ConsoleHouse
  let browser: Browser
  let officer: Staff
  let page: Page
  let wrong: readonly string[]

  beforeAll(async () => {
    await readyConsole()
    house = await openConsoleHouse()
    await openWorld(house)
    officer = await house.staff('Ana HTEST-Officer', 'compliance-officer')
    browser = await openBrowser()
    ;({ page, wrong } = await tabOf(browser, { origin: house.origin, cookie: officer.cookie }))
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  describe.each(PAGE_NAMES)('/console/%s', (name) => {
    beforeAll(async () => {
      await page.emulateMedia({ media: 'screen', colorScheme: 'light', reducedMotion: 'reduce' })
      await page.setViewportSize({ width: 1280, height: 900 })
      await page.goto(`${house.origin}/console/${name}`)
      await settled(page)
    }, 30_000)

    test('with the keyboard alone: every control is reached, and one sees where one is', async () => {
      const { stops, missed } = await tabbed(page)
      expect(missed).toEqual([])
      expect(stops.filter(({ isVisible }) => !isVisible)).toEqual([])
    }, 30_000)

    test.each(VIEWS)(
      '$width pixels, $colorScheme: no fault, nothing beside the page',
      async ({ width, colorScheme, isOtherColours }) => {
        await page.emulateMedia({ media: 'screen', colorScheme })
        await page.setViewportSize({ width, height: 900 })
        expect(await fits(page)).toBe(true)
        expect(await faultsOf(page, isOtherColours)).toEqual([])
      },
      30_000,
    )

    test('what a row opens has no fault either, wide and narrow, and Escape closes it', async () => {
      await page.emulateMedia({ media: 'screen', colorScheme: 'light' })
      await page.setViewportSize({ width: 1280, height: 900 })
      const row = page.locator('.rowlink').first()
      if ((await row.count()) === 0) return
      await row.click()
      await page.locator('dialog[open] h2').first().waitFor()
      await settled(page)
      for (const { width, colorScheme } of [VIEWS[0], VIEWS[3]]) {
        await page.emulateMedia({ media: 'screen', colorScheme })
        await page.setViewportSize({ width, height: 900 })
        expect(await fits(page)).toBe(true)
        expect(await faultsOf(page)).toEqual([])
      }
      await page.keyboard.press('Escape')
      await page.locator('dialog[open]').waitFor({ state: 'detached' })
    }, 30_000)

    test('on paper, from either screen: black on white, no menus, heads of tables on every sheet', async () => {
      await page.setViewportSize({ width: 794, height: 1123 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ media: 'print', colorScheme })
        const paper = await page.evaluate<Paper>(PAPER)
        expect(paper).toMatchObject({ beside: [], dark: [], body: [BLACK, WHITE] })
        expect(new Set([...paper.heads, 'table-header-group'])).toEqual(new Set(['table-header-group']))
      }
      expect(await faultsOf(page, true)).toEqual([])
    }, 30_000)

    test('no error on the way', () => {
      expect(wrong).toEqual([])
    })
  })
})
