import { expect, test } from '@jest/globals'
import type { Router } from 'express'
import type { House } from '../../src/flow/house.ts'
import { recordNames } from '../../src/flow/records.ts'
import { basisRouter } from '../../src/http/basis-routes.ts'
import { consentRouter } from '../../src/http/consent-routes.ts'
import { heldTextRouter } from '../../src/http/held-text-routes.ts'
import { missionRouter } from '../../src/http/mission-routes.ts'
import { noticeRouter } from '../../src/http/notice-routes.ts'
import { openApi } from '../../src/http/openapi.ts'
import { rightsRouter } from '../../src/http/rights-routes.ts'

/** Routers only keep the house for when somebody asks; none is asked here. */
const HOUSE = Object.freeze({}) as House

const MOUNTED: readonly (readonly [string, (house: House) => Router])[] = [
  ['/legal-basis', basisRouter],
  ['/held-texts', heldTextRouter],
  ['/consents', consentRouter],
  ['/notices', noticeRouter],
  ['', rightsRouter],
  ['', missionRouter],
]

const routed = (): readonly string[] =>
  MOUNTED.flatMap(([mount, router]) =>
    router(HOUSE).stack.flatMap(({ route }) => {
      if (route === undefined) return []
      const path = `/mission/v1${mount}${route.path === '/' ? '' : route.path}`
      const paths = path.includes(':record') ? recordNames.map((name) => path.replace(':record', name)) : [path]
      return route.stack.flatMap(({ method }) => paths.map((one) => `${method} ${one.replaceAll(/:(\w+)/g, '{$1}')}`))
    }),
  )

const page = openApi('https://gateway.example') as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}
const documented = Object.entries(page.paths).flatMap(([path, methods]) => Object.keys(methods).map((one) => `${one} ${path}`))

test('every route of the programme is documented, and every documented one is a route', () => {
  const unique = [...new Set(routed())]
  expect(documented.toSorted()).toEqual(unique.toSorted())
  expect(documented.length).toBeGreaterThan(40)
})

test('every operation has a name of its own, and every schema that is referred to is there', () => {
  const names = Object.values(page.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))
  expect(new Set(names).size).toBe(names.length)
  const referred = [...JSON.stringify(page.paths).matchAll(/#\/components\/schemas\/([\w-]+)/g)].map(([, name = '']) => name)
  expect(referred.filter((name) => Object.keys(page.components.schemas[name] ?? {}).length === 0)).toEqual([])
})
