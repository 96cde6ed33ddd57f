import { expect, test } from 'vitest'
import { createNameFilter } from '../../../../src/engine/libsql/stored/name-filter.ts'
import { range } from '../../../../trials/conformance/actors.ts'

const named = (count: number, kind: string) => range(count).map((n) => `${kind}/${n}`)

test('few names are known, and no others', () => {
  const names = createNameFilter(named(3, 'run'))
  names.add('run/more')
  expect([...named(3, 'run'), 'run/more'].filter((name) => !names.has(name))).toEqual([])
  expect([...named(1_000, 'step'), 'run/3', ''].filter(names.has)).toEqual([])
})

test('many names are known, whether they came before or after they were many, and hardly any others', () => {
  const names = createNameFilter(named(900, 'run'))
  for (const name of named(20_000, 'step')) names.add(name)
  expect([...named(900, 'run'), ...named(20_000, 'step')].filter((name) => !names.has(name))).toEqual([])
  expect(named(20_000, 'never').filter(names.has).length).toBeLessThan(20)
})
