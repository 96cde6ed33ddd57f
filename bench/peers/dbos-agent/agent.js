import { DBOS } from '@dbos-inc/dbos-sdk'
import { durableCalls } from '@dbos-inc/vercel-ai'
import { generateText, stepCountIs, tool, wrapLanguageModel } from 'ai'
import { z } from 'zod'

/**
 * The agent of the AI SDK on DBOS, as the docs of its adapter show. Each answer of the model and each call of the tool is
 * a step.
 */
export async function openGoals(rounds, { address }) {
  DBOS.setConfig({
    name: 'bench-agent',
    // its tables are not those of the other version of DBOS
    systemDatabaseUrl: address.replace(/[^/]*$/, 'dbos_agent'),
    systemDatabasePoolSize: 20,
    logLevel: 'error',
    runAdminServer: false,
  })
  const workOn = DBOS.registerWorkflow(agentOf(rounds), { name: 'goal' })
  await DBOS.launch()
  return async (id) => Number(await (await DBOS.startWorkflow(workOn, { workflowID: id })()).getResult())
}

function agentOf(rounds) {
  const model = wrapLanguageModel({ model: counter(rounds), middleware: durableCalls() })
  const addOne = tool({
    description: 'Adds one.',
    inputSchema: z.object({ value: z.number() }),
    execute: ({ value }) => DBOS.runStep(async () => ({ value: value + 1 }), { name: 'add-one' }),
  })
  return async () => {
    const { text } = await generateText({
      model,
      instructions: 'Count.',
      prompt: 'Count to ten.',
      tools: { 'add-one': addOne },
      stopWhen: stepCountIs(2 * rounds),
      maxRetries: 0,
    })
    return text
  }
}

/** A model that calls the tool in so many rounds, and answers with the number of its results. */
function counter(rounds) {
  return {
    specificationVersion: 'v4',
    provider: 'bench',
    modelId: 'counter',
    supportedUrls: {},
    async doGenerate({ prompt }) {
      const done = prompt.filter(({ role }) => role === 'tool').length
      const isOver = done >= rounds
      const call = { type: 'tool-call', toolCallId: `call_${done}`, toolName: 'add-one' }
      return {
        content: [isOver ? { type: 'text', text: String(done) } : { ...call, input: JSON.stringify({ value: done }) }],
        finishReason: { unified: isOver ? 'stop' : 'tool-calls', raw: undefined },
        usage: { inputTokens: { total: 10 }, outputTokens: { total: 1 } },
        warnings: [],
      }
    },
  }
}
