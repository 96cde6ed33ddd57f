import { WorkflowExecution } from '../../src/workflow/replay/execution.ts'

// two branches, of which the second one fails before the function awaits it
const execution = new WorkflowExecution('two')
const branch = async (name: string) => {
  await execution.begun('step', name, { type: 'timer', delay: 0 })
}
await execution.begin(async () => {
  const left = branch('left')
  const right = branch('right')
  await left
  await right
})
await execution.settle({ number: 1, error: new Error('right first') })
await new Promise((resolve) => setTimeout(resolve, 10))
const before = execution.end.type
await execution.settle({ number: 0, value: 1 })
const { end } = execution
console.log(JSON.stringify([before, end.type, end.type === 'failed' && (end.error as Error).message]))
