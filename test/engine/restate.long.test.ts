import { exerciseEngine } from '../../trials/conformance.ts'
import { restateOpener } from './restate/opener.ts'
import { describeOnRestate, useRestate } from './restate/server.ts'

describeOnRestate('a server', () => {
  // dear: the whole suite of engines goes through one server
  const server = useRestate()

  exerciseEngine({
    name: 'restate',
    open: restateOpener(server.now),
    skip: [
      {
        reason: 'the server delivers all mail as soon as there is a node: nothing is left for a later start',
        tests: [
          'start({ only }) resumes one piece of work and leaves the rest until a start without it',
          'work that start({ only }) left waits for the next process',
          'a waiting start is dropped before its actor exists',
          'inspection marks mail from an earlier process as held until a process takes it',
          'inspection shows the attempt number of a failed effect that no process has resumed',
        ],
      },
      {
        reason: 'the server has a clock of its own, and delivers some milliseconds after the time',
        tests: ['a timer fires at its exact millisecond'],
      },
      {
        reason: 'the server repeats a turn whose node died, with growing pauses, for as long as it takes',
        tests: [
          'a message that runs at each crash ends as a dead letter, and its caller gets an error',
          'a message that kills its process long after the probation is found, too',
          'late kills condemn no message that goes on from where it was',
          'a suspect message waits for its trial, with all later mail of its actor; others continue',
          'a message that survives its probation is cleared, and the next process runs it at once',
          'repeated kills condemn no message that a process worked on',
          'clean stops in between condemn no message either',
          'one poisonous message among many is found, and all others are handled',
        ],
      },
    ],
  })
})
