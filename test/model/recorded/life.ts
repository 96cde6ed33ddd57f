import type { LanguageModelV4 } from '@ai-sdk/provider'
import { recordedModel } from '../../../src/testing/recorded-model.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'

// Records replies one after the other and says so, until its process is killed.

const [file = '', first = '0'] = process.argv.slice(2)
const model: LanguageModelV4 = recordedModel(file, {
  model: scriptedModel([{ reply: 'x'.repeat(5000) }]),
  record: 'once',
})
for (let n = Number(first); ; n++) {
  await model.doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: `question ${n}` }] }] })
  process.stdout.write(`${n}\n`)
}
