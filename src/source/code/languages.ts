import { extname } from 'node:path'

/** The kinds of definitions. A `container` holds definitions and is no symbol, such as `impl` in Rust. */
export type SymbolKind =
  | ('function' | 'method' | 'class' | 'interface' | 'struct' | 'enum' | 'trait')
  | ('type' | 'module' | 'macro' | 'constant' | 'variable' | 'field' | 'container')

/**
 * The part that a node plays: it defines something of that kind; it is a `wrapper` directly around a definition, and
 * belongs to it; it is a `comment`, which belongs to the definition below it when no blank line is between; or it is an
 * import or a call.
 */
type NodeRole = SymbolKind | 'wrapper' | 'comment' | 'import' | 'call'

/**
 * The roles of the nodes of a grammar, by their types, separated by spaces. `call.function`: the node `call`, and its
 * field that holds the name. Without a field, the name of a definition is in the field `name`, and the whole node is
 * the import.
 */
type LanguageTable = { readonly [Role in NodeRole]?: string } & {
  /** the file of its grammar in the package: `tree-sitter-GRAMMAR.wasm` */
  readonly grammar: string
  /** nodes that end a definition with an error, and how the text of such a node begins */
  readonly throws?: { readonly [nodeType: string]: RegExp }
  /** what stands before the name of a definition that other files can use; or the form of such a name */
  readonly exported?: { readonly before: RegExp } | { readonly name: RegExp }
}

const JAVASCRIPT: LanguageTable = {
  grammar: 'javascript',
  function: 'function_declaration generator_function_declaration function_signature',
  class: 'class_declaration abstract_class_declaration',
  method: 'method_definition abstract_method_signature',
  interface: 'interface_declaration',
  type: 'type_alias_declaration',
  enum: 'enum_declaration',
  module: 'internal_module module',
  field: 'field_definition.property public_field_definition',
  constant: 'variable_declarator',
  wrapper: 'export_statement lexical_declaration variable_declaration ambient_declaration expression_statement',
  import: 'import_statement.source export_statement.source',
  call: 'call_expression.function new_expression.constructor',
  throws: { throw_statement: /^/ },
  exported: { before: /\bexport\b/ },
}

const C: LanguageTable = {
  // the grammar of C++ reads nearly all of C, and there is none for C alone
  grammar: 'cpp',
  function: 'function_definition.declarator',
  struct: 'struct_specifier union_specifier',
  class: 'class_specifier',
  enum: 'enum_specifier',
  type: 'type_definition.declarator alias_declaration concept_definition',
  module: 'namespace_definition',
  macro: 'preproc_def preproc_function_def',
  wrapper: 'template_declaration',
  import: 'preproc_include.path',
  call: 'call_expression.function new_expression.type',
  throws: { throw_statement: /^/ },
  exported: { before: /^(?!.*\bstatic\b)/s },
}

/** By name and the endings of files. */
const TABLES: { readonly [nameAndEndings: string]: LanguageTable } = {
  'JavaScript js mjs cjs jsx': JAVASCRIPT,
  'TypeScript ts mts cts': { ...JAVASCRIPT, grammar: 'typescript' },
  'TypeScript tsx': { ...JAVASCRIPT, grammar: 'tsx' },
  'C c h': C,
  'C++ cc cpp hpp': C,
  'Python py': {
    grammar: 'python',
    function: 'function_definition',
    class: 'class_definition',
    type: 'type_alias_statement.left',
    variable: 'assignment.left',
    wrapper: 'decorated_definition expression_statement',
    import: 'import_statement.name import_from_statement.module_name',
    call: 'call.function',
    throws: { raise_statement: /^/ },
    exported: { name: /^(?!_)/ },
  },
  'Go go': {
    grammar: 'go',
    function: 'function_declaration',
    method: 'method_declaration',
    type: 'type_spec type_alias',
    constant: 'const_spec',
    variable: 'var_spec',
    import: 'import_spec.path',
    call: 'call_expression.function',
    throws: {
      call_expression: /^(?:panic|log\.Fatal\w*)\(/,
      return_statement: /\b(?:errors\.(?:New|Join)\(|fmt\.Errorf\(|[Ee]rr\p{Lu})/u,
    },
    exported: { name: /^\p{Lu}/u },
  },
  'Rust rs': {
    grammar: 'rust',
    function: 'function_item function_signature_item',
    struct: 'struct_item union_item',
    enum: 'enum_item',
    trait: 'trait_item',
    container: 'impl_item.type',
    module: 'mod_item',
    constant: 'const_item static_item',
    type: 'type_item',
    macro: 'macro_definition',
    comment: 'line_comment block_comment attribute_item',
    import: 'use_declaration.argument',
    call: 'call_expression.function macro_invocation.macro',
    throws: {
      call_expression: /^Err\(/,
      macro_invocation: /^(?:panic|unreachable|todo|unimplemented|bail|assert\w*)!/,
    },
    exported: { before: /\bpub\b/ },
  },
  'Java java': {
    grammar: 'java',
    class: 'class_declaration record_declaration',
    interface: 'interface_declaration annotation_type_declaration',
    enum: 'enum_declaration',
    method: 'method_declaration constructor_declaration',
    field: 'field_declaration.declarator',
    comment: 'line_comment block_comment',
    import: 'import_declaration',
    call: 'method_invocation.name object_creation_expression.type',
    throws: { throw_statement: /^/ },
    exported: { before: /\bpublic\b/ },
  },
  'C# cs': {
    grammar: 'c-sharp',
    class: 'class_declaration record_declaration',
    struct: 'struct_declaration',
    interface: 'interface_declaration',
    enum: 'enum_declaration',
    type: 'delegate_declaration',
    module: 'namespace_declaration',
    method: 'method_declaration constructor_declaration',
    function: 'local_function_statement',
    field: 'property_declaration',
    import: 'using_directive',
    call: 'invocation_expression.function object_creation_expression.type',
    throws: { throw_statement: /^/, throw_expression: /^/ },
    exported: { before: /\bpublic\b/ },
  },
  'Ruby rb': {
    grammar: 'ruby',
    module: 'module',
    class: 'class',
    method: 'method singleton_method',
    constant: 'assignment.left',
    call: 'call.method',
    throws: { call: /^(?:raise|fail|abort)\b/ },
  },
  'PHP php': {
    grammar: 'php',
    function: 'function_definition',
    class: 'class_declaration',
    interface: 'interface_declaration',
    trait: 'trait_declaration',
    enum: 'enum_declaration',
    method: 'method_declaration',
    field: 'property_element',
    import: 'namespace_use_clause',
    call: 'function_call_expression.function member_call_expression.name scoped_call_expression.name object_creation_expression',
    throws: { throw_expression: /^/ },
  },
  'Bash sh bash': {
    grammar: 'bash',
    function: 'function_definition',
    call: 'command.name',
    throws: { command: /^exit\b/ },
  },
}

/** A table by types of nodes. A field is empty where the table names none. */
export type Syntax = Pick<LanguageTable, 'grammar' | 'exported'> & {
  /** as people write it */
  readonly name: string
  readonly nodes: ReadonlyMap<string, readonly { readonly role: NodeRole; readonly field: string }[]>
  readonly throws: ReadonlyMap<string, RegExp>
}

const BY_ENDING = new Map<string, Syntax>(
  Object.entries(TABLES).flatMap(([names, table]) => {
    const [name = '', ...endings] = names.split(' ')
    return endings.map((ending) => [`.${ending}`, languageFrom(name, table)] as const)
  }),
)

function languageFrom(name: string, { grammar, throws = {}, exported, ...roles }: LanguageTable): Syntax {
  const nodes = Object.entries({ comment: 'comment', ...roles }).flatMap(([role, types]) =>
    types.split(' ').map((one) => {
      const [type = '', field = ''] = one.split('.')
      return { type, role: role as NodeRole, field }
    }),
  )
  const found = {
    name,
    grammar,
    nodes: Map.groupBy(nodes, ({ type }) => type),
    throws: new Map(Object.entries(throws)),
  }
  return exported ? { ...found, exported } : found
}

/** The language of a file by the ending of its name; undefined if its code is read in blocks of lines. */
export const languageOf = (name: string): Syntax | undefined => BY_ENDING.get(extname(name).toLowerCase())
