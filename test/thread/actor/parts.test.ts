import { expect, test } from 'vitest'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { setUp, stepOf } from '../../chain/fixture.ts'

const chain = { kind: 'chain', key: 't' }

test('the earlier messages of an ask are stored apart from its changing state, and both are deleted at its end', async () => {
  const held = gate()
  const observation = [
    { reply: { observations: ['noted'] }, times: 1 },
    { gate: held.pass(), reply: { observations: ['noted'] } },
  ]
  const { ask, engine, model } = setUp({ script: { observation } })
  await ask('SAID-BEFORE', { id: 'ask_1' })
  const asked = ask('two', { id: 'ask_2' })
  await until(() => model.calls.filter(({ prompt }) => stepOf(prompt) === 'observation').length === 2)
  const holding = async () => {
    const names: string[] = []
    for await (const [name, value] of engine.view.parts(chain))
      if (JSON.stringify(value).includes('SAID-BEFORE')) names.push(name)
    return names.sort()
  }
  expect(await holding()).toEqual(['ask/1', 'history/2'])
  held.release()
  await asked
  expect(await holding()).toEqual(['ask/1'])
})
