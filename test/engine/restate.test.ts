import { exerciseEngine } from '../../src/testing/conformance.ts'
import { restateOpener } from '../../src/testing/openers/restate.ts'
import { describeOnRestate, useRestate } from './restate/server.ts'

describeOnRestate('a server', () => {
  const server = useRestate()

  exerciseEngine({
    name: 'restate',
    open: restateOpener(server.now),
    skip: [
      {
        reason: 'the server delivers all mail as soon as there is a node: nothing is left for a later start',
        tests: [
          'start({ only }) takes up one piece of work and leaves the rest until a start without',
          'what start({ only }) left is still there for the process after',
          'a start that was not taken up yet is dropped, though the actor is not there yet',
          'inspection says of mail that an earlier process left that nobody took it up',
          'inspection shows of a failed effect that nobody took up how often it was tried',
        ],
      },
      {
        reason: 'the server has a clock of its own, and delivers some milliseconds after the time',
        tests: ['not a millisecond before its time, and not one after'],
      },
      {
        reason: 'the server repeats a turn whose node died, with growing pauses, for as long as it takes',
        tests: [
          'what was under way each time the process died ends as a dead letter, and its asker is told',
          'a suspect waits for its trial, with all that came after it; others go on',
          'what lives through its probation is cleared, and let go at once by the next process',
          'processes that are killed again and again condemn nothing that they worked on',
          'clean stops in between condemn nothing either',
          'one among many is found; all others are done',
        ],
      },
    ],
  })
})
