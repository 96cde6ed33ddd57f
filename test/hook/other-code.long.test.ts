import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { isKilled } from '../chaos/killed.ts'
import { makeShop, openFolder, order } from './other-code.ts'

const PARK = join(import.meta.dirname, 'kills/park.ts')

it('a parked delivery outlives the process that answered it, and counts once when the code comes back', async () => {
  const folder = await makeShop()
  expect(await isKilled(PARK, { folder }, 20_000)).toBe(true)
  const bodies = [{ cents: 'many' }, { cents: 1 }, { cents: 1 }]
  for (let life = 0; life < 2; life++) expect(await isKilled(PARK, { folder, bodies }, 20_000)).toBe(true)
  const answers = readFileSync(join(folder, 'answers'), 'utf8').trim().split('\n')
  expect(answers).toEqual(Array.from({ length: 6 }, () => '[202,"signalled"]'))
  const { ended, post } = await (await openFolder(folder))(order())
  expect(await ended('o')).toMatchObject({ status: 'completed', outputs: { result: [{ cents: 1 }] } })
  expect(await post(readFileSync(join(folder, 'address'), 'utf8'), { cents: 1 })).toEqual([202, 'repeated'])
})

it('a delivery wins over a timeout that it came before, and one that comes after it finds nothing', async () => {
  const open = await openFolder()
  const limited = order({ timeout: 1500 })
  const first = await open(limited)
  const [url] = (await first.addressesOf(limited, 'o')) as [string]
  const second = await open(order({ timeout: 1500, step: 'another' }))
  expect(await second.post(url, { cents: 100 })).toEqual([202, 'signalled'])
  await until(async () => {
    const state = await second.runtime.engine.view.peek({ kind: 'step', key: 'o.wait-paid-0' })
    return (state as { awaiting?: { isOver?: true } }).awaiting?.isOver
  })
  expect(await second.post(url, { cents: 200 })).toEqual([410, 'signal_address_over'])
  const third = await open(limited)
  expect(await third.ended('o')).toMatchObject({ outputs: { result: [{ cents: 100 }] } })
})

it('a delivery that does not fit loses to a timeout that was over', async () => {
  const open = await openFolder()
  const limited = order({ timeout: 1500 })
  const first = await open(limited)
  const [url] = (await first.addressesOf(limited, 'o')) as [string]
  const second = await open(order({ timeout: 1500, step: 'another' }))
  expect(await second.post(url, { cents: 'many' })).toEqual([202, 'signalled'])
  await until(async () => {
    const state = await second.runtime.engine.view.peek({ kind: 'step', key: 'o.wait-paid-0' })
    return (state as { awaiting?: { isOver?: true } }).awaiting?.isOver
  })
  const third = await open(limited)
  expect(await third.ended('o')).toMatchObject({ outputs: { result: ['TimeoutError'] } })
})
