import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { browserPath, openBrowser, tabOf } from './browser.ts'
import { openConsoleHouse, readyConsole, type ConsoleHouse, type Staff } from './house.ts'
import { faultsOf, settled } from './walk.ts'
import { openWorld } from './world.ts'

const inBrowser = browserPath === undefined ? describe.skip : describe

/** Kilobytes, compressed, of everything that the first page needs: more is a slow start on a poor line. */
const FIRST_LOAD_MAX = 200_000

test('the first load is small', async () => {
  const folder = await readyConsole()
  const home = readFileSync(join(folder, 'index.html'), 'utf8')
  const first = [...home.matchAll(/(?:src|href)="\/console\/([^"]+)"/g)].map(([, path = '']) => path)
  expect(first.length).toBeGreaterThan(2)
  expect(home).not.toMatch(/<script>|<style|style="| on\w+="/)
  const size = first.reduce((sum, path) => sum + gzipSync(readFileSync(join(folder, path))).length, gzipSync(home).length)
  expect(size).toBeLessThan(FIRST_LOAD_MAX)
}, 60_000)

inBrowser('in the browser', () => {
  let house: ConsoleHouse
  let browser: Browser
  let officer: Staff
  let second: Staff

  beforeAll(async () => {
    await readyConsole()
    house = await openConsoleHouse()
    await openWorld(house)
    officer = await house.staff('Ana HTEST-Officer', 'compliance-officer')
    second = await house.staff('Ben HTEST-Officer', 'compliance-officer')
    browser = await openBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  test('the sign-in page has no fault, and no word of what is behind it', async () => {
    const { page, wrong, context } = await tabOf(browser, { origin: house.origin, width: 360 })
    await page.goto(`${house.origin}/console/consents`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await faultsOf(page)).toEqual([])
    expect(await page.content()).not.toContain('Rivera')
    expect(wrong).toEqual([])
    await context.close()
  }, 30_000)

  test('with the keyboard alone: to a page, into a row, through the rows, out again', async () => {
    const { page, context } = await tabOf(browser, { origin: house.origin, cookie: officer.cookie })
    await page.goto(`${house.origin}/console`)
    await settled(page)
    await page.keyboard.press('Tab')
    for (let nth = 0; nth < 30 && (await page.evaluate(`document.activeElement.textContent`)) !== 'Disclosures'; nth += 1)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Disclosures' }).waitFor()
    await settled(page)
    for (let nth = 0; nth < 40 && (await page.evaluate(`document.activeElement.className`)) !== 'rowlink'; nth += 1)
      await page.keyboard.press('Tab')
    const second = page.locator('.rowlink').nth(1)
    await page.keyboard.press('ArrowDown')
    expect(await second.evaluate((link) => link === link.ownerDocument.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByText('Place in the chain').waitFor()
    await page.keyboard.press('Escape')
    expect(await second.evaluate((link) => link === link.ownerDocument.activeElement)).toBe(true)
    await context.close()
  }, 60_000)

  test('no id and no name stands in an address or in the browser’s storage', async () => {
    const { page, context } = await tabOf(browser, { origin: house.origin, cookie: officer.cookie })
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`${house.origin}/console/disclosures`)
    await settled(page)
    await page.getByLabel('Client').fill('Rivera')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByRole('list', { name: 'Clients found' }).getByRole('button').first().click()
    await settled(page)
    await page.locator('.rowlink').first().click()
    await page.getByText('Place in the chain').waitFor()
    const kept = await page.evaluate(`JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, location.href])`)
    for (const text of [kept, ...asked]) expect(text).not.toMatch(/Rivera|[0-9a-f]{8}-[0-9a-f]{4}-/)
    expect(await page.evaluate('indexedDB.databases()')).toEqual([])
    await context.close()
  }, 60_000)

  test('every date is that of the programme’s zone, wherever the browser is', async () => {
    const { page, context } = await tabOf(browser, { origin: house.origin, cookie: officer.cookie })
    const zoned = (style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
      new Intl.DateTimeFormat('en-US', { timeZone: 'America/Chicago', ...style })
    const moment = zoned({ dateStyle: 'medium', timeStyle: 'medium' })
    const day = zoned({ dateStyle: 'medium' })
    const ofDay = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', dateStyle: 'medium' })
    let seen = 0
    for (const name of ['disclosures', 'consents', 'emergencies', 'requests', 'deliveries', 'integrity']) {
      await page.goto(`${house.origin}/console/${name}`)
      await settled(page)
      const times = await page
        .locator('time')
        .evaluateAll((all) => all.map((one) => [one.getAttribute('datetime') ?? '', one.textContent] as const))
      for (const [at, text] of times) {
        if (/ ago$|^in /.test(text)) continue
        seen += 1
        const date = new Date(at)
        expect(at.length === 10 ? [ofDay.format(date)] : [moment.format(date), day.format(date)]).toContain(text)
      }
    }
    expect(seen).toBeGreaterThan(10)
    await context.close()
  }, 60_000)

  test('a moment that is typed in is one of the programme’s clocks, over their changes too', async () => {
    const { page, context } = await tabOf(browser, { origin: house.origin, cookie: officer.cookie })
    await page.goto(`${house.origin}/console/simulator`)
    await settled(page)
    await page.getByLabel('Client').fill('Rivera')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByRole('list', { name: 'Clients found' }).getByRole('button').first().click()
    for (const [typed, meant] of [
      ['2026-07-01T12:00', '2026-07-01T17:00:00.000Z'],
      ['2026-11-20T23:30', '2026-11-21T05:30:00.000Z'],
      ['2026-03-08T02:30', '2026-03-08T08:30:00.000Z'],
      ['2026-11-01T01:30', '2026-11-01T06:30:00.000Z'],
    ] as const) {
      await page.getByLabel('At', { exact: true }).fill(typed)
      const asking = page.waitForRequest(/api\/simulate$/)
      await page.getByRole('button', { name: 'Compare' }).click()
      expect((await asking).postDataJSON()).toMatchObject({ left: { at: meant }, right: { at: meant } })
    }
    await context.close()
  }, 30_000)

  test('a panel is printed to its end, and is where it was afterwards', async () => {
    const { page, context } = await tabOf(browser, { origin: house.origin, cookie: officer.cookie })
    await page.goto(`${house.origin}/console/consents`)
    await settled(page)
    await page.locator('.rowlink').first().click()
    await page.getByRole('heading', { name: 'Check against § 2.31' }).waitFor()
    const paper = (await page.pdf({ width: '600px', height: '400px' })).toString('latin1')
    expect([...paper.matchAll(/\/Type \/Page\b/g)].length).toBeGreaterThan(1)
    await page.locator('dialog.panel:modal').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('dialog.panel').waitFor({ state: 'detached' })
    await context.close()
  }, 30_000)

  test('when the gateway says that the session is over, what was shown is gone', async () => {
    const guest = await house.staff('Gus HTEST-Auditor', 'auditor')
    const { page, context } = await tabOf(browser, { origin: house.origin, cookie: guest.cookie })
    await page.goto(`${house.origin}/console/consents`)
    await settled(page)
    await house.street.db.query('delete from staff_session where staff = $1', [guest.id])
    await page.getByRole('link', { name: 'Partners' }).click()
    await page.getByText('Your session has ended').waitFor()
    expect(await page.locator('table').count()).toBe(0)
    await context.close()
  }, 30_000)

  describe('an officer’s ten questions, by the steps of docs/console.md', () => {
    const open = async (name: string, who = officer): Promise<{ page: Page; close: () => Promise<void> }> => {
      const { page, context } = await tabOf(browser, { origin: house.origin, cookie: who.cookie })
      await page.goto(`${house.origin}/console`)
      await settled(page)
      if (name !== 'Today') await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
      await settled(page)
      return { page, close: () => context.close() }
    }
    const chooseClient = async (page: Page): Promise<void> => {
      await page.getByLabel('Client').fill('Rivera')
      await page.getByRole('button', { name: 'Find' }).click()
      await page.getByRole('list', { name: 'Clients found' }).getByRole('button').first().click()
      await settled(page)
    }

    test('1. What needs me today?', async () => {
      const { page, close } = await open('Today')
      await page.getByRole('link', { name: '1 emergency uses without a review' }).click()
      await page.getByRole('heading', { level: 1, name: 'Emergencies' }).waitFor()
      await close()
    }, 30_000)

    test('2. To whom was this client’s record shown, and why?', async () => {
      const { page, close } = await open('Disclosures')
      await chooseClient(page)
      await page.getByLabel('Kind').selectOption('Shown')
      await settled(page)
      await page.locator('tbody tr', { hasText: 'St. Mary Hospital' }).first().getByRole('button').click()
      const panel = page.getByRole('dialog')
      await panel.getByText('the patient’s written consent (Consent/').waitFor()
      expect(await panel.textContent()).toContain('42 CFR 2.31, 2.33')
      await close()
    }, 30_000)

    test('3. What was refused, and what did the partner learn?', async () => {
      const { page, close } = await open('Disclosures')
      await page.getByLabel('Kind').selectOption('Not shown')
      await page.getByLabel('Partner').selectOption('Montrose HIV Clinic')
      await settled(page)
      await page.locator('tbody .rowlink').first().click()
      await page.getByText('the partner cannot tell which').waitFor()
      await close()
    }, 30_000)

    test('4. May this consent be relied on, and what is its scope?', async () => {
      const { page, close } = await open('Consents')
      await page.locator('tbody .rowlink').first().click()
      const panel = page.getByRole('dialog')
      await panel.getByRole('heading', { name: 'Check against § 2.31' }).waitFor()
      await panel.getByText('may be relied on').waitFor()
      expect(await panel.textContent()).toContain('The patient has consented in writing')
      await close()
    }, 30_000)

    test('5. Who sees what now because of it?', async () => {
      const { page, close } = await open('Consents')
      const texts: string[] = []
      for (const row of await page.locator('tbody .rowlink').all()) {
        await row.click()
        await page.getByRole('heading', { name: 'Check against § 2.31' }).waitFor()
        texts.push((await page.getByRole('dialog').textContent()) ?? '')
        await page.keyboard.press('Escape')
      }
      expect(texts.join(' ')).toMatch(/Who sees what now because of it.*(St\. Mary Hospital|Harbor Housing)/)
      await close()
    }, 30_000)

    test('6. What would two partners see, and what after a revocation?', async () => {
      const { page, close } = await open('What would they see?')
      await chooseClient(page)
      await page.getByLabel('One side').selectOption('St. Mary Hospital')
      await page.getByLabel('Other side').selectOption('Montrose HIV Clinic')
      await page.getByRole('button', { name: 'Compare' }).click()
      const says = page.getByRole('status').filter({ hasText: 'records of' })
      await says.waitFor()
      expect(await says.textContent()).toMatch(/St\. Mary Hospital: [1-9]\d* records of \d+\. Montrose HIV Clinic: 0 records/)
      const consents = page.getByLabel('And if the client revoked a consent?')
      const ids = await consents.locator('option').evaluateAll((all) => all.map((one) => one.getAttribute('value') ?? ''))
      let least = Infinity
      for (const id of ids.filter((one) => one !== '')) {
        await page.getByLabel('And if the client revoked a consent?').selectOption(id)
        await page.getByRole('button', { name: 'Before and after the revocation' }).click()
        await page.getByText('after the revocation:').waitFor()
        await settled(page)
        least = Math.min(least, Number(/revocation: (\d+) record/.exec((await says.textContent()) ?? '')?.[1]))
        await page.getByRole('button', { name: 'Compare' }).click()
        await settled(page)
      }
      expect(least).toBe(0)
      await close()
    }, 60_000)

    test('7. Was the emergency justified, and who says so?', async () => {
      const proposing = await open('Emergencies')
      await proposing.page.locator('tbody .rowlink').first().click()
      await proposing.page.getByLabel('Why, without naming anybody').fill('documented at once')
      await proposing.page.getByRole('button', { name: 'Propose to a second person' }).click()
      await proposing.page.getByText('A second person decides').waitFor()
      await proposing.close()
      const { page, close } = await open('Emergencies', second)
      await page.locator('tbody .rowlink').first().click()
      await page.getByRole('button', { name: 'Confirm as second person' }).click()
      await page.getByRole('dialog').getByText('justified', { exact: true }).waitFor()
      await close()
    }, 60_000)

    test('8. Where is this client’s referral?', async () => {
      const { page, close } = await open('Referrals')
      await chooseClient(page)
      await page.locator('.lane .rowlink').first().click()
      await page.getByRole('dialog').getByRole('heading', { name: 'What became of it' }).waitFor()
      await page.getByText('referral made').waitFor()
      await close()
    }, 30_000)

    test('9. Is the ledger whole?', async () => {
      const { page, close } = await open('Integrity')
      await page.getByRole('button', { name: 'Check every entry now' }).click()
      await page.getByText('The ledger is whole.').waitFor()
      await close()
    }, 30_000)

    test('10. Which member of staff looked at this client?', async () => {
      const { page, close } = await open('Disclosures')
      await chooseClient(page)
      await page.getByLabel('Kind').selectOption('Looks by staff')
      await settled(page)
      await page.locator('tbody tr', { hasText: 'Ana HTEST-Officer' }).first().waitFor()
      const downloading = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save the whole list as CSV' }).click()
      expect((await downloading).suggestedFilename()).toBe('disclosures.csv')
      await close()
    }, 30_000)

    test('11. Which requests of patients are late, and what is the answer?', async () => {
      const { page, close } = await open('Today')
      await page.getByRole('link', { name: '1 patient requests that are late' }).click()
      await page.getByRole('heading', { level: 1, name: 'Patient requests' }).waitFor()
      await settled(page)
      const row = page.locator('tbody tr', { hasText: 'days late' })
      await row.getByRole('button').click()
      const panel = page.getByRole('dialog')
      await panel.getByText('Who has seen my records? HTEST').waitFor()
      const downloading = page.waitForEvent('download')
      await panel.getByRole('button', { name: 'Save the letter' }).click()
      const letter = await downloading
      expect(letter.suggestedFilename()).toBe('accounting-en.pdf')
      expect(
        readFileSync(await letter.path())
          .subarray(0, 5)
          .toString(),
      ).toBe('%PDF-')
      await panel.getByLabel('How it ends').selectOption('Refused, with the reason')
      await panel.getByLabel('Why it is refused').fill('asked twice HTEST')
      await panel.getByRole('button', { name: 'Close the request' }).click()
      await panel.getByText('asked twice HTEST').waitFor()
      expect(await panel.getByRole('button', { name: 'Close the request' }).count()).toBe(0)
      await close()
    }, 60_000)

    test('12. A request comes in: by when is it due?', async () => {
      const { page, close } = await open('Patient requests')
      await page.getByRole('button', { name: 'Enter a request' }).click()
      await chooseClient(page)
      await page.getByRole('dialog').getByLabel('Asks for').selectOption('Access to the records (30 days)')
      await page.getByRole('button', { name: 'Enter it' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.locator('tbody tr', { hasText: '30 days left' }).getByRole('button').click()
      await page.getByLabel('Why, as the patient is told').fill('the archive is elsewhere HTEST')
      await page.getByRole('button', { name: 'Put it off', exact: true }).click()
      await page.getByRole('dialog').getByText('60 days left').waitFor()
      await close()
    }, 60_000)

    test('13. Who has still to be told of a breach?', async () => {
      const { page, close } = await open('Patient requests')
      await page.locator('tbody tr', { hasText: 'a printed list was lost' }).getByRole('button').click()
      const panel = page.getByRole('dialog')
      await panel.getByText('to be told').first().waitFor()
      for (const label of ['What was in the records', 'Who used it', 'Was it in fact', 'What was done to lessen'])
        await panel.getByLabel(label).fill('assessed HTEST')
      await panel.getByRole('button', { name: 'Keep the assessment' }).click()
      await panel.getByText('Everybody above is to be told.').waitFor()
      await panel.getByRole('button', { name: 'Note it' }).click()
      await panel.getByText('told', { exact: true }).waitFor()
      await panel.getByRole('button', { name: 'Note it' }).click()
      await panel.getByRole('button', { name: 'Close the breach' }).click()
      await panel.getByText('Closed on').waitFor()
      await close()
    }, 60_000)

    test('14. Prove that this was disclosed, and what it was', async () => {
      const { page, close } = await open('Disclosures')
      await chooseClient(page)
      await page.getByLabel('Kind').selectOption('Shown')
      await settled(page)
      await page.locator('tbody tr', { hasText: 'identity and contact data' }).first().getByRole('button').click()
      await page.getByRole('button', { name: 'Prove this disclosure' }).click()
      const proof = page.getByRole('region', { name: 'Proof' })
      await proof.getByText('What left was made again, and its hash is the one on the ledger.').waitFor()
      await proof.getByText('What left, byte for byte').click()
      expect(await proof.getByRole('region', { name: 'What left' }).textContent()).toContain('"resourceType"')
      expect(await faultsOf(page)).toEqual([])
      const downloading = page.waitForEvent('download')
      await proof.getByRole('button', { name: 'Save the proof as a file' }).click()
      const file: unknown = JSON.parse(readFileSync(await (await downloading).path(), 'utf8'))
      expect(file).toMatchObject({ content: 'reproduced', proof: { path: expect.any(Array) } })
      await close()
    }, 60_000)
  })
})
