import type { ErrorCodes } from '../errors.ts'

/** The error codes of agents and goals. */
export const agentCodes = {
  unknown_round: { as: 'TerminalError', means: 'the goal does not have the round' },
  goal_over: { status: 409, exit: 2, means: 'the goal has ended' },
  goal_handed_off: { as: 'InvalidError', means: 'another goal works on it; `hint` names that goal' },
  goal_not_over: { status: 409, exit: 2, means: 'the goal has not ended' },
  invalid_output: { status: 422, exit: 1, means: 'the answer of the agent does not fit its `output`' },
  agent_taken: { as: 'InvalidError', means: 'an agent of the program and another agent have one name' },
  invalid_agent: { status: 400, exit: 2, means: 'the definition of the agent is invalid' },
} as const satisfies ErrorCodes

/** The operations of learned playbooks. */
export const playbookOperations = {
  'playbooks.list': { method: 'get', path: '/playbooks', takes: ['...'], gives: 'items' },
  'playbooks.get': { method: 'get', path: '/playbooks/{playbook}', takes: ['playbook'] },
  'playbooks.accept': {
    method: 'post',
    path: '/playbooks/{playbook}/accept',
    takes: ['playbook'],
    gives: 'nothing',
  },
  'playbooks.reject': {
    method: 'post',
    path: '/playbooks/{playbook}/reject',
    takes: ['playbook'],
    gives: 'nothing',
  },
  'playbooks.forget': { method: 'delete', path: '/playbooks/{playbook}', takes: ['playbook'], gives: 'nothing' },
} as const
