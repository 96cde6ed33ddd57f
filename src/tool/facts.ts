import type { ErrorCodes } from '../errors.ts'

export const toolCodes = {
  unknown_tool: { as: 'TerminalError', means: 'the tool does not exist' },
  unknown: { as: 'TerminalError', means: 'whether a call that must not be made twice took place is not known' },
  bad_result: {
    as: 'TerminalError',
    means: 'the call was made; its result cannot be kept, is too large, or does not fit `output`',
  },
  code_missing: {
    as: 'TerminalError',
    means: 'the process lacks code of a program; the work waits for a process that has it',
  },
  rule_refused: {
    as: 'TerminalError',
    means: 'a rule of the house refused the call, which was not made; `message` says why',
  },
  rule_failed: { as: 'TerminalError', means: 'a rule of the house failed; `message` says whether the call was made' },
  invalid_rule: { as: 'InvalidError', means: 'a rule of the house is wrong; `place` names the key' },
  invalid_once: {
    as: 'InvalidError',
    means: 'a tool used `once` with a name that is wrong or taken, or with too many',
  },
  invalid_tool: { as: 'InvalidError', means: 'a tool of a program is wrong; `place` names the key' },
  tool_taken: { as: 'InvalidError', means: 'the name of a tool of the program belongs to another tool' },
  tool_closed: {
    status: 403,
    exit: 1,
    means: 'a text that came from the network names a tool of the program, which is not open to the network',
  },
  outside_root: { status: 403, exit: 1, means: 'the path is outside the folders that the run may use' },
} as const satisfies ErrorCodes
