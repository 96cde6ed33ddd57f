import type { ModelTask } from '../prompt/task.ts'
import { answerQuestion } from './answer/answer.ts'
import { chooseByText } from './answer/choose.ts'
import { decideQuestion } from './answer/decide.ts'
import { extractItems } from './answer/extract.ts'
import { summarise } from './answer/summarise.ts'
import { withoutReferences } from './facts/question.ts'
import { answerByFacts } from './facts/tell-value.ts'
import { fillSchema } from './fill/fill.ts'
import type { OfflineCall } from './prompt/prompt.ts'
import { type OfflineFinding, refusedFinding } from './reading/finding.ts'
import { type IndexedDocuments, type IndexOptions, indexDocuments } from './reading/reading.ts'

/** Performs the task with the given documents, or refuses. A schema is always filled. */
export async function answerCall(ask: OfflineCall, options: IndexOptions): Promise<OfflineFinding> {
  const { documents, intent, schema } = ask
  let read: IndexedDocuments | undefined
  const reading = () => (read ??= indexDocuments(documents, options))
  const told = await answerByFacts(ask, reading)
  if (told) return told
  if (documents.every(({ text }) => text.trim() === '')) return refusedFinding('no text was given')
  if (schema) return fillSchema(schema, 'task' in intent ? intent.task : { kind: 'fill' }, reading())
  return 'task' in intent ? performTask(intent.task, reading()) : refusedFinding(intent.refused)
}

function performTask(task: ModelTask, reading: IndexedDocuments): Promise<OfflineFinding> {
  // the names of its texts are not searched for in the texts
  const question = withoutReferences(task.question ?? '')
  switch (task.kind) {
    case 'answer':
      return answerQuestion(task, question, reading)
    case 'summarise':
      return summarise(task, reading, bulleted(question))
    case 'choose':
      return chooseAmong(task, reading)
    case 'decide':
      return decideQuestion(question, reading)
    case 'extract':
    case 'list':
      return extractItems(task, question, reading)
    case 'fill':
      return Promise.resolve(refusedFinding('there is no schema to fill'))
    case 'write':
      return Promise.resolve(refusedFinding('this asks for text that is not in it'))
  }
}

function chooseAmong({ choices = {} }: ModelTask, reading: IndexedDocuments): Promise<OfflineFinding> {
  return Object.keys(choices).length > 0
    ? chooseByText(choices, reading)
    : Promise.resolve(refusedFinding('there is nothing to choose from'))
}

function bulleted(instruction: string): string {
  return /\bbullet|\bpoints\b/i.test(instruction) ? '- ' : ''
}
