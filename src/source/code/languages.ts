import { extname } from 'node:path'

/** The kinds of definitions. A `container` holds definitions and is no symbol, such as `impl` in Rust. */
export type SymbolKind =
  | ('function' | 'method' | 'class' | 'interface' | 'struct' | 'enum' | 'trait')
  | ('type' | 'module' | 'macro' | 'constant' | 'variable' | 'field' | 'container')

/** Types of nodes, separated by spaces. `call.function`: the node `call`, and its field that holds the name. */
type NodeTypes = string

/** How the code of a language is read. Types of nodes are those of its grammar. */
type LanguageTable = {
  /** the file of its grammar in the package: `tree-sitter-GRAMMAR.wasm` */
  readonly grammar: string
  /** without a field, the name is in the field `name` */
  readonly definitions: { readonly [Kind in SymbolKind]?: NodeTypes }
  /** nodes directly around a definition that belong to it */
  readonly wrappers?: NodeTypes
  /** nodes above a definition that belong to it when no blank line is between; absent: `comment` */
  readonly comments?: NodeTypes
  /** without a field, the whole node is the import */
  readonly imports?: NodeTypes
  readonly calls: NodeTypes
  /** nodes that end a definition with an error, and how the text of such a node begins */
  readonly throws?: { readonly [nodeType: string]: RegExp }
  /** what stands before the name of a definition that other files can use; or the form of such a name */
  readonly exported?: { readonly before: RegExp } | { readonly name: RegExp }
}

const JAVASCRIPT: LanguageTable = {
  grammar: 'javascript',
  definitions: {
    function: 'function_declaration generator_function_declaration function_signature',
    class: 'class_declaration abstract_class_declaration',
    method: 'method_definition abstract_method_signature',
    interface: 'interface_declaration',
    type: 'type_alias_declaration',
    enum: 'enum_declaration',
    module: 'internal_module module',
    field: 'field_definition.property public_field_definition',
    constant: 'variable_declarator',
  },
  wrappers: 'export_statement lexical_declaration variable_declaration ambient_declaration expression_statement',
  imports: 'import_statement.source export_statement.source',
  calls: 'call_expression.function new_expression.constructor',
  throws: { throw_statement: /^/ },
  exported: { before: /\bexport\b/ },
}

const C: LanguageTable = {
  // the grammar of C++ reads nearly all of C, and there is none for C alone
  grammar: 'cpp',
  definitions: {
    function: 'function_definition.declarator',
    struct: 'struct_specifier union_specifier',
    class: 'class_specifier',
    enum: 'enum_specifier',
    type: 'type_definition.declarator alias_declaration concept_definition',
    module: 'namespace_definition',
    macro: 'preproc_def preproc_function_def',
  },
  wrappers: 'template_declaration',
  imports: 'preproc_include.path',
  calls: 'call_expression.function new_expression.type',
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
    definitions: {
      function: 'function_definition',
      class: 'class_definition',
      type: 'type_alias_statement.left',
      variable: 'assignment.left',
    },
    wrappers: 'decorated_definition expression_statement',
    imports: 'import_statement.name import_from_statement.module_name',
    calls: 'call.function',
    throws: { raise_statement: /^/ },
    exported: { name: /^(?!_)/ },
  },
  'Go go': {
    grammar: 'go',
    definitions: {
      function: 'function_declaration',
      method: 'method_declaration',
      type: 'type_spec type_alias',
      constant: 'const_spec',
      variable: 'var_spec',
    },
    imports: 'import_spec.path',
    calls: 'call_expression.function',
    throws: {
      call_expression: /^(?:panic|log\.Fatal\w*)\(/,
      return_statement: /\b(?:errors\.(?:New|Join)\(|fmt\.Errorf\(|[Ee]rr\p{Lu})/u,
    },
    exported: { name: /^\p{Lu}/u },
  },
  'Rust rs': {
    grammar: 'rust',
    definitions: {
      function: 'function_item function_signature_item',
      struct: 'struct_item union_item',
      enum: 'enum_item',
      trait: 'trait_item',
      container: 'impl_item.type',
      module: 'mod_item',
      constant: 'const_item static_item',
      type: 'type_item',
      macro: 'macro_definition',
    },
    comments: 'line_comment block_comment attribute_item',
    imports: 'use_declaration.argument',
    calls: 'call_expression.function macro_invocation.macro',
    throws: {
      call_expression: /^Err\(/,
      macro_invocation: /^(?:panic|unreachable|todo|unimplemented|bail|assert\w*)!/,
    },
    exported: { before: /\bpub\b/ },
  },
  'Java java': {
    grammar: 'java',
    definitions: {
      class: 'class_declaration record_declaration',
      interface: 'interface_declaration annotation_type_declaration',
      enum: 'enum_declaration',
      method: 'method_declaration constructor_declaration',
      field: 'field_declaration.declarator',
    },
    comments: 'line_comment block_comment',
    imports: 'import_declaration',
    calls: 'method_invocation.name object_creation_expression.type',
    throws: { throw_statement: /^/ },
    exported: { before: /\bpublic\b/ },
  },
  'C# cs': {
    grammar: 'c-sharp',
    definitions: {
      class: 'class_declaration record_declaration',
      struct: 'struct_declaration',
      interface: 'interface_declaration',
      enum: 'enum_declaration',
      type: 'delegate_declaration',
      module: 'namespace_declaration',
      method: 'method_declaration constructor_declaration',
      function: 'local_function_statement',
      field: 'property_declaration',
    },
    imports: 'using_directive',
    calls: 'invocation_expression.function object_creation_expression.type',
    throws: { throw_statement: /^/, throw_expression: /^/ },
    exported: { before: /\bpublic\b/ },
  },
  'Ruby rb': {
    grammar: 'ruby',
    definitions: { module: 'module', class: 'class', method: 'method singleton_method', constant: 'assignment.left' },
    calls: 'call.method',
    throws: { call: /^(?:raise|fail|abort)\b/ },
  },
  'PHP php': {
    grammar: 'php',
    definitions: {
      function: 'function_definition',
      class: 'class_declaration',
      interface: 'interface_declaration',
      trait: 'trait_declaration',
      enum: 'enum_declaration',
      method: 'method_declaration',
      field: 'property_element',
    },
    imports: 'namespace_use_clause',
    calls:
      'function_call_expression.function member_call_expression.name scoped_call_expression.name object_creation_expression',
    throws: { throw_expression: /^/ },
  },
  'Bash sh bash': {
    grammar: 'bash',
    definitions: { function: 'function_definition' },
    calls: 'command.name',
    throws: { command: /^exit\b/ },
  },
}

/** A table by types of nodes. A field is empty where the table names none. */
export type Language = Pick<LanguageTable, 'grammar' | 'exported'> & {
  /** as people write it */
  readonly name: string
  readonly definitions: ReadonlyMap<string, { readonly kind: SymbolKind; readonly field: string }>
  readonly wrappers: ReadonlyMap<string, string>
  readonly comments: ReadonlyMap<string, string>
  readonly imports: ReadonlyMap<string, string>
  readonly calls: ReadonlyMap<string, string>
  readonly throws: ReadonlyMap<string, RegExp>
}

const BY_ENDING = new Map<string, Language>(
  Object.entries(TABLES).flatMap(([names, table]) => {
    const [name = '', ...endings] = names.split(' ')
    return endings.map((ending) => [`.${ending}`, languageFrom(name, table)] as const)
  }),
)

function languageFrom(name: string, table: LanguageTable): Language {
  const { grammar, exported, comments = 'comment', wrappers, imports, calls, throws = {} } = table
  const definitions = Object.entries(table.definitions).flatMap(([kind, types]) =>
    [...fieldsOf(types)].map(([type, field]) => [type, { kind: kind as SymbolKind, field: field || 'name' }] as const),
  )
  return {
    name,
    grammar,
    ...(exported && { exported }),
    definitions: new Map(definitions),
    wrappers: fieldsOf(wrappers),
    comments: fieldsOf(comments),
    imports: fieldsOf(imports),
    calls: fieldsOf(calls),
    throws: new Map(Object.entries(throws)),
  }
}

function fieldsOf(types: NodeTypes = ''): ReadonlyMap<string, string> {
  return new Map(
    types.split(' ').map((one) => {
      const [type = '', field = ''] = one.split('.')
      return [type, field]
    }),
  )
}

/** The language of a file by the ending of its name; undefined if its code is read in blocks of lines. */
export const languageOf = (name: string): Language | undefined => BY_ENDING.get(extname(name).toLowerCase())
