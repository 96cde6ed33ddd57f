import { DBOS } from '@dbos-inc/dbos-sdk'
import { launch } from './dbos.js'

/** An agent on DBOS: a workflow in which each answer of the model and each call of the tool is a step. */
export async function openGoals(rounds, { address }) {
  const workOn = await launch(address, () => DBOS.registerWorkflow(() => goal(rounds), { name: 'goal' }))
  return () => workOn()
}

async function goal(rounds) {
  const results = []
  for (;;) {
    const answer = await DBOS.runStep(async () => think(results, rounds), { name: 'think' })
    if (answer.call === undefined) return answer.value
    results.push(await DBOS.runStep(async () => answer.call.value + 1, { name: 'add-one' }))
  }
}

const think = (results, rounds) =>
  results.length < rounds ? { call: { value: results.length } } : { value: results.length }
