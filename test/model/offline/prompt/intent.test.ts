import { describe, expect, it } from 'vitest'
import { readTask } from '../../../../src/model/offline/prompt/intent.ts'

const kindOf = (instruction: string) => {
  const intent = readTask(instruction)
  return 'task' in intent ? intent.task.kind : 'refused'
}

describe('readTask', () => {
  it.each([
    ['Summarise the text in two sentences.', 'summarise'],
    ['Write a summary of this.', 'summarise'],
    ['What are the key points?', 'summarise'],
    ['Who wrote it?', 'answer'],
    ['Explain how the cache works.', 'answer'],
    ['List the requirements.', 'list'],
    ['Extract all e-mail addresses.', 'extract'],
    ['Is it free? Answer yes or no.', 'decide'],
    ['Classify it as one of: bug, feature, question.', 'choose'],
    ['Is this positive or negative?', 'choose'],
    ['', 'summarise'],
    ['Draft a summary for the board.', 'summarise'],
    ['Translate this summary into French.', 'refused'],
    ['Translate the text. Then summarise it.', 'refused'],
    ['Summarise it in German.', 'refused'],
    ['Rephrase the key points.', 'refused'],
    ['Pick a category: fruit, vegetable or meat.', 'choose'],
    ['Sort it into bugs, features or questions.', 'choose'],
    ['Which risks such as fire, flood and theft are covered?', 'answer'],
    ['When was it founded as a company, and by whom?', 'answer'],
    ['What are the options, if any, for paying?', 'answer'],
    ['Write a poem about it.', 'refused'],
    ['Please translate this into French.', 'refused'],
    ['You are a poet. Rewrite the text.', 'refused'],
  ])('%j is %s', (instruction, kind) => {
    expect(kindOf(instruction)).toBe(kind)
  })

  it('reads how much is wanted', () => {
    expect(readTask('Summarise it in three bullet points.')).toHaveProperty('task.count', 3)
    expect(readTask('Summarise it in at most 50 words.')).toHaveProperty('task.words', 50)
  })

  it('reads the choices from the sentence, or takes those given', () => {
    expect(readTask('Classify it as one of: bug, feature or question.')).toHaveProperty('task.choices', {
      bug: '',
      feature: '',
      question: '',
    })
    expect(readTask('Which one?', ['a', 'b'])).toHaveProperty('task.choices', { a: '', b: '' })
  })

  it.each(['What changed in 1.2, and why?', 'Does it run on e.g. Linux?', '电话是谁发明的？'])(
    'takes %j whole',
    (question) => {
      expect(readTask(`Use the text. ${question}`)).toHaveProperty('task.question', question)
    },
  )

  it('takes the last question of several sentences', () => {
    expect(readTask('Use the text. Keep it short. Who is to blame? Thank you.')).toHaveProperty(
      'task.question',
      'Who is to blame?',
    )
  })
})
