import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from 'antiphon/testing'
import { order } from './order.mts'

// the clock of a test jumps to the next timer, so three days pass at once
const steps = { charge: () => 'receipt-7', ship: () => undefined }

test('ships an order after three days and an approval', async () => {
  await using app = await testApp(
    { workflows: [order] },
    { steps, signals: { release: () => ({ action: 'approve' }) } },
  )
  const began = app.now().getTime()
  const run = await app.start(order, { id: '7', cents: 4200 })
  assert.deepEqual(await run.result(), { receipt: 'receipt-7', shipped: true })
  assert.equal(Math.floor((app.now().getTime() - began) / 86_400_000), 3)
})

test('ships nothing that a person rejects', async () => {
  const release = () => ({ action: 'reject' as const, reason: 'sold out' })
  await using app = await testApp({ workflows: [order] }, { steps, signals: { release } })
  const run = await app.start(order, { id: '8', cents: 100 })
  assert.deepEqual(await run.result(), { receipt: 'receipt-7', shipped: false })
})
