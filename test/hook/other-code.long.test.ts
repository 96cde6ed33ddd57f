import { expect, it } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { openFolder, order } from './other-code.ts'

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
