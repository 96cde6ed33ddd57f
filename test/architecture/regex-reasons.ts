const LINE = 'a line has at most 500 characters'
const ADDRESS = 'an address of the configuration'
const SLASHES = '\\/+$'

/** Superlinear expressions that see at most 4 KB, or only texts of our own and of the operator. */
export const EXEMPT: readonly (readonly [file: string, source: string, reason: string])[] = [
  ['cli/program.ts', `command-argument value (.*) is invalid for argument '(.*)'`, 'the command line of the user'],
  ['config/engine.ts', SLASHES, ADDRESS],
  ['model/provider/base-url.ts', SLASHES, ADDRESS],
  ['notify/room/deliver.ts', SLASHES, ADDRESS],
  ['observe/otel/settings.ts', SLASHES, ADDRESS],
  ['store/blobs/s3-address.ts', SLASHES, ADDRESS],
  ['workflow/operations/signal-address.ts', SLASHES, ADDRESS],
  ['engine/restate/admin/server-info.ts', SLASHES, ADDRESS],
  ['http/client/transport/server-url.ts', SLASHES, ADDRESS],
  ['ledger/amount.ts', '0+$', 'the decimals of an amount'],
  [
    'chain/questions/take-apart.ts',
    '(?<![,;\\s])(?:[,;\\s]|\\s(?:and|und|sowie|or|oder)(?: also| auch)?\\s)+$',
    'a question of at most 1,000 characters',
  ],
  ['model/catalogue/cache-prices.ts', 'v\\d.*pro', 'the name of a model in the configuration'],
  ['model/provider/base-url.ts', '^[\\da-f.:]*:[\\da-f.]*:[\\da-f.:]*$', ADDRESS],
  [
    'model/provider/stored-items.ts',
    '(?:^|\\/)(?:gpt-[34]|chatgpt|gpt-\\d+.*chat)',
    'the name of a model in the configuration',
  ],
  ['model/text/hyphens.ts', '\\p{L}[\\p{L}\\p{M}]+$', 'the 40 characters before a hyphen'],
  ['source/code/by-content.ts', `^\\s*(?:import .*|export .+ from )['"].+['"];?$`, LINE],
  ['source/code/by-content.ts', '^\\s*[\\w, ]+ :?= \\S', LINE],
  ['source/code/by-content.ts', '^\\s*(?:(?:public|private|protected|static|abstract|final) )+.*[{;]$', LINE],
  ['source/code/by-content.ts', '^\\s*(?:#! ?\\/.*sh\\b|if \\[.*|.*; (?:then|do)$|fi$|esac$|\\w+\\(\\) \\{$)', LINE],
  ['source/code/by-content.ts', '^\\s*[\\])}]+[\\])},;:]*$|^\\s+\\S.*[,([{]$', LINE],
  ['source/code/walk.ts', '([\\p{L}\\p{N}_$#?!-]+)(?:<.*)?$', 'a name of at most 200 characters'],
  ['lib/glob.ts', '\\{[^}]*\\.\\.|[@!+*?]\\(', 'a pattern whose length is checked first'],
  ['store/blobs/s3-address.ts', '^\\/+|\\/+$', ADDRESS],
  ['template/text/format.ts', '\\B(?=(?:\\d{3})+$)', 'the digits of a number, of which there are at most 309'],
  ['tool/mcp/variables.ts', '\\$\\{([A-Za-z_]\\w*)(?::-([^}]*))?\\}', 'a setting of .mcp.json'],
  ['workflow/check/check-runs.ts', '\\s*\\(\\s*\\)?$', 'a call in the source of a workflow'],
  [
    'model/offline/answer/question-type.ts',
    '\\bhow (?:much|expensive)\\b(?=.*\\b(?:costs?|prices?|pay|paid|charged?|fees?|fines?|rent|salary|earn|tax|refund(?:ed)?|deposit)\\b)',
    'a question, of which 4,000 characters are read',
  ],
  [
    'model/offline/answer/question-type.ts',
    '\\bwhat (?:does|do|did|would|will|is|are|was|were)\\b(?=.*\\b(?:costs?|prices?|fees?|charged?|fines?)\\b)',
    'a question, of which 4,000 characters are read',
  ],
  [
    'model/offline/answer/question-type.ts',
    '\\bhow (?:heavy|much weight)\\b|\\bhow much (?=.*\\bweighs?\\b)',
    'a question, of which 4,000 characters are read',
  ],
  [
    'model/offline/answer/question-type.ts',
    '\\bwhat (?=.*\\b(?:mean|means|called|do)\\b[?.\\s]*$)|\\b(?:mean|means|called)\\b(?=[?.\\s]*$)',
    'a question, of which 4,000 characters are read',
  ],
  ['tool/builtin/validation/validator.ts', 'Expected (.*)\\.$', 'an error of our own about a schema'],
  ['cli/commands/run/chat/dialog.ts', '^\\/(\\w+)(?:[ \\t]+(.*))?$', 'a line that the user types'],
]
