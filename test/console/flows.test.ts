import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { browserPath, openBrowser, tabOf } from './browser.ts'
import { openConsoleHouse, readyConsole, type ConsoleHouse, type Staff } from './house.ts'
import { settled } from './walk.ts'
import { openWorld } from './world.ts'

const inBrowser = browserPath === undefined ? describe.skip : describe

/** Deliveries that have ended, for two people to decide about. */
const ENDED = ['01890000-0000-7000-8000-0000000000b1', '01890000-0000-7000-8000-0000000000b2'] as const

inBrowser('what staff decide, in the browser', () => {
  let house: ConsoleHouse
  let browser: Browser
  let patient = ''
  const tabs = new Map<string, Page>()

  /** The page of one person's own browser. */
  const at = async (who: 'officer' | 'second' | 'operator', name: string): Promise<Page> => {
    const page = tabs.get(who)
    if (page === undefined) throw new Error(`nobody is ${who}`)
    await page.goto(`${house.origin}/console/${name}`)
    await settled(page)
    return page
  }

  beforeAll(async () => {
    await readyConsole()
    house = await openConsoleHouse()
    ;({ patient } = await openWorld(house))
    for (const id of ENDED) {
      const key = [id, `key-${id}`]
      await house.street.db.query(
        `select outbox_enqueue($1::uuid, 'harbor-housing', 'x', 'fhir-push', null, null, 't', '{}', $2, null, now() + interval '1 day')`,
        key,
      )
      await house.street.db.query(`select outbox_close(seq, 'cancelled', 'by-operator', now()) from outbox where id = $1`, [id])
    }
    browser = await openBrowser()
    for (const [who, role] of [
      ['officer', 'compliance-officer'],
      ['second', 'compliance-officer'],
      ['operator', 'operator'],
    ] as const) {
      const staff: Staff = await house.staff(`${who} HTEST`, role)
      const { page } = await tabOf(browser, { origin: house.origin, cookie: staff.cookie })
      tabs.set(who, page)
    }
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await house.close()
  })

  const bodies = async (kind: string): Promise<readonly Record<string, unknown>[]> =>
    (await house.street.db.query<{ body: string }>('select body from ledger where kind = $1 order by seq', [kind])).map(
      ({ body }) => JSON.parse(body) as Record<string, unknown>,
    )

  /** A partner files a consent of the client, naming itself. */
  const file = async (number: string): Promise<void> => {
    const found = JSON.parse((await house.street.ask('mission', '/Consent')).body) as { entry: { resource: object }[] }
    const given = JSON.stringify(found.entry[0]?.resource).replaceAll('st-mary-hospital', 'montrose-hiv')
    const { id: _id, meta: _meta, text: _text, ...consent } = JSON.parse(given) as Record<string, unknown>
    const answer = await fetch(`${house.street.gateway.fhirBase}/Consent/$fileConsent`, {
      method: 'POST',
      body: JSON.stringify({
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'consent',
            resource: { ...consent, identifier: [{ system: 'https://clinic.example/consents', value: number }] },
          },
          {
            name: 'document',
            resource: {
              resourceType: 'DocumentReference',
              status: 'current',
              content: [{ attachment: { contentType: 'application/pdf', title: 'signed form' } }],
            },
          },
        ],
      }),
      headers: { authorization: `Bearer ${await house.street.token('montrose-hiv')}`, 'content-type': 'application/fhir+json' },
    })
    expect(await answer.text()).toContain('relied on once the programme has accepted it')
  }

  test.each([
    ['Accept this version', 'accepted', 'HTEST-1'],
    ['Refuse it', 'refused', 'HTEST-2'],
  ] as const)(
    'a consent that a partner filed: %s',
    async (button, decision, number) => {
      await file(number)
      const page = await at('officer', 'withheld')
      const waiting = page.getByRole('table', { name: 'Consents that partners filed' })
      expect(await waiting.locator('tbody tr').count()).toBe(1)
      await waiting.getByRole('button').last().click()
      await page.getByRole('dialog').getByRole('button', { name: button }).click()
      await page.getByText('No consent waits to be accepted.').waitFor()
      expect((await bodies('consent.decided')).at(-1)).toMatchObject({ decision })
    },
    30_000,
  )

  test('a referral that the partner accepts moves on the board, and its steps say who moved it', async () => {
    const [task = ''] = (
      await house.street.db.query<{ id: string }>(`select id from record where type = 'Task' and is_current and patient = $1`, [
        patient,
      ])
    ).map(({ id }) => id)
    const before = await at('officer', 'referrals')
    await before.locator('.lane', { hasText: 'requested' }).getByRole('button').waitFor()
    const answer = await fetch(`${house.street.gateway.fhirBase}/Task/${task}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${await house.street.token('harbor-housing')}`,
        'content-type': 'application/json-patch+json',
      },
      body: JSON.stringify([{ op: 'replace', path: '/status', value: 'accepted' }]),
    })
    expect(answer.status).toBe(200)
    const page = await at('officer', 'referrals')
    await page.locator('.lane', { hasText: 'accepted' }).getByRole('button').click()
    const step = page.getByRole('dialog').getByRole('listitem').filter({ hasText: 'became accepted' })
    await step.waitFor()
    expect(await step.textContent()).toContain('Harbor Housing')
  }, 30_000)

  test.each([
    ['Confirm as second person', ENDED[0], 1],
    ['Refuse', ENDED[1], 0],
  ] as const)(
    'sending once more, proposed by the operator: %s',
    async (button, id, sent) => {
      const outbox = async (): Promise<number> =>
        (await house.street.db.query<{ n: number }>('select count(*)::int as n from outbox', []))[0]?.n ?? 0
      const before = await outbox()
      const open = async (who: 'officer' | 'operator'): Promise<Page> => {
        const page = await at(who, 'deliveries')
        await page.getByLabel('State').selectOption('cancelled')
        await settled(page)
        for (const row of await page.locator('tbody .rowlink').all()) {
          await row.click()
          const title = page.getByRole('dialog').getByText(id)
          if ((await title.count()) > 0) break
          await page.keyboard.press('Escape')
          await page.locator('dialog[open]').waitFor({ state: 'detached' })
        }
        return page
      }
      const proposing = await open('operator')
      await proposing.getByLabel('Why, without naming anybody').fill('the partner lost it')
      await proposing.getByRole('button', { name: 'Propose to a second person' }).click()
      await proposing.getByText('A second person decides about what you proposed.').waitFor()
      expect(await proposing.getByRole('button', { name: 'Confirm as second person' }).count()).toBe(0)
      expect(await outbox()).toBe(before)
      const deciding = await open('officer')
      await deciding.getByRole('button', { name: button, exact: true }).click()
      await deciding.getByRole('heading', { name: 'Send once more' }).waitFor()
      expect(await outbox()).toBe(before + sent)
    },
    30_000,
  )

  test('an emergency: the one who proposes cannot decide; refused, it waits again; confirmed, it is reviewed', async () => {
    const open = async (who: 'officer' | 'second'): Promise<Page> => {
      const page = await at(who, 'emergencies')
      await page.locator('tbody .rowlink').first().click()
      return page
    }
    for (const [button, then] of [
      ['Refuse', 'to be reviewed'],
      ['Confirm as second person', 'not justified'],
    ] as const) {
      const proposing = await open('officer')
      await proposing.getByLabel('What you find').selectOption('not-justified')
      await proposing.getByLabel('Why, without naming anybody').fill('nobody had asked the patient')
      await proposing.getByRole('button', { name: 'Propose to a second person' }).click()
      await proposing.getByText('A second person decides about what you proposed.').waitFor()
      expect(await proposing.getByRole('button', { name: 'Confirm as second person' }).count()).toBe(0)
      const deciding = await open('second')
      await deciding.getByRole('button', { name: button, exact: true }).click()
      await deciding.getByRole('dialog').getByText(then, { exact: true }).waitFor()
    }
    const reviews = (await bodies('basis')).filter(({ action }) => action === 'reviewed')
    expect(reviews).toHaveLength(1)
  }, 60_000)

  describe('tables', () => {
    const WAITING = 60
    let page: Page

    beforeAll(async () => {
      await house.street.db.query(
        `select outbox_enqueue(gen_random_uuid(), case when n % 2 = 0 then 'st-mary-hospital' else 'bayou-bh' end, 'x' || n,
           'fhir-push', null, null, 't', '{}', 'k' || n, null, now() + interval '1 day') from generate_series(1, $1::int) n`,
        [WAITING],
      )
    })

    const names = (): Promise<string[]> => page.locator('tbody td[data-label="Partner"]').allTextContents()

    test('go by a column of the whole list, by mouse and by keyboard, and the focus stays', async () => {
      page = await at('officer', 'deliveries')
      const head = page.getByRole('columnheader', { name: 'Partner' })
      await head.getByRole('button').focus()
      for (const [direction, first] of [
        ['ascending', 'Bayou Behavioral Health'],
        ['descending', 'St. Mary Hospital'],
      ] as const) {
        await page.keyboard.press('Enter')
        await settled(page)
        expect(await head.getAttribute('aria-sort')).toBe(direction)
        expect((await names())[0]).toBe(first)
        expect(await head.getByRole('button').evaluate((node) => node === document.activeElement)).toBe(true)
      }
      expect(await page.getByRole('columnheader', { name: 'Queued' }).getAttribute('aria-sort')).toBe('none')
    }, 30_000)

    test('go on where the part before ended, and begin anew with another filter', async () => {
      const seen = await names()
      await page.getByRole('button', { name: 'Further' }).click()
      await page.getByText('Page 2').waitFor()
      await settled(page)
      const more = await names()
      expect(seen.length + more.length).toBeGreaterThan(WAITING)
      expect(new Set(more)).not.toContain('St. Mary Hospital')
      await page.getByLabel('Partner', { exact: true }).selectOption('Bayou Behavioral Health')
      await settled(page)
      expect(new Set(await names())).toEqual(new Set(['Bayou Behavioral Health']))
      expect(await page.getByText('Page 2').count()).toBe(0)
    }, 30_000)

    test('are saved whole, as they are filtered', async () => {
      const downloading = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save the whole list as CSV' }).click()
      const lines = readFileSync(await (await downloading).path(), 'utf8')
        .trimEnd()
        .split('\r\n')
      expect(lines).toHaveLength(WAITING / 2 + 1)
    }, 30_000)

    test('from a row, a slash goes to the filters', async () => {
      await page.locator('.rowlink').first().focus()
      await page.keyboard.press('/')
      expect(await page.getByLabel('Partner', { exact: true }).evaluate((node) => node === document.activeElement)).toBe(true)
    }, 30_000)

    test('on a narrow screen, order is a choice above the cards', async () => {
      await page.setViewportSize({ width: 360, height: 800 })
      await page.getByLabel('Order').selectOption('Attempts ↓')
      await settled(page)
      expect(await page.getByLabel('Order').inputValue()).toBe('{"by":"attempts","descending":true}')
      await page.setViewportSize({ width: 1280, height: 900 })
    }, 30_000)

    test('say that they are empty, that they load, and what went wrong', async () => {
      await page.getByLabel('State').selectOption('held')
      await page.getByText('No delivery fits.').waitFor()
      let answer: () => void = () => undefined
      const held = new Promise<void>((resolve) => {
        answer = resolve
      })
      await page.route('**/console/api/deliveries', async (route) => {
        await held
        await route.abort()
      })
      await page.reload()
      await page.getByRole('status', { name: 'Loading' }).first().waitFor()
      answer()
      const alert = page.getByRole('alert')
      await alert.getByText('The gateway does not answer.').waitFor()
      await page.unroute('**/console/api/deliveries')
      await alert.getByRole('button', { name: 'Try again' }).click()
      await page.locator('tbody .rowlink').first().waitFor()
    }, 30_000)
  })
})
