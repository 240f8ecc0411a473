/**
 * Renders a parsed template as Jinja2's immutable sandbox does: Python's values and scopes, nothing that reaches outside,
 * and a budget of work. Left out: text marked as safe for HTML.
 */
import {
  argumentsOf,
  type Context,
  callable,
  evaluate,
  filter,
  newScope,
  payForAllOf,
  type Scope,
} from './evaluate.ts'
import { dict, integerOf, textOf } from './methods.ts'
import {
  type Callable,
  equals,
  fromJson,
  isTrue,
  items,
  Namespace,
  str,
  Tuple,
  type Value,
} from './python.ts'
import { strftime } from './strftime.ts'
import type { CallBlock, Expression, For, Parameter, Statement } from './syntax.ts'
import { SCOPE_STEPS, type Spend, startWork } from './work.ts'

/** The text; throws what the template itself raises, or what is wrong with it. */
export function renderTemplate(
  program: readonly Statement[],
  variables: Readonly<Record<string, unknown>>,
): string {
  const spend = startWork()
  const globals = newScope(undefined, globalsOf(spend))
  const scope = newScope(
    globals,
    Object.entries(variables).map(([name, value]) => [name, fromJson(value)]),
  )
  const out: string[] = []
  run(program, scope, { spend, out })
  return out.join('')
}

/** The sandbox of Jinja2 allows no longer range. */
const LONGEST_RANGE = 100_000

function globalsOf(spend: Spend): [string, Value][] {
  return [
    ['true', true],
    ['false', false],
    ['none', null],
    ['True', true],
    ['False', false],
    ['None', null],
    ['dict', dict],
    ['namespace', (args, named) => new Namespace(dict(args, named) as Map<string, Value>)],
    [
      'range',
      (args) =>
        range(
          args.map((arg) => integerOf(arg, 'range argument')),
          spend,
        ),
    ],
    [
      'raise_exception',
      ([message]) => {
        throw new Error(str(message))
      },
    ],
    ['strftime_now', ([format]) => strftime(new Date(), textOf(format, 'format'))],
  ]
}

function range(args: number[], spend: Spend): Value {
  const [start, stop, step] = args.length === 1 ? [0, args[0]!, 1] : [args[0]!, args[1]!, args[2] ?? 1]
  if (step === 0) throw new Error('range() arg 3 must not be zero')
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (length > LONGEST_RANGE)
    throw new Error(`a range of ${length} numbers; at most ${LONGEST_RANGE} are allowed`)
  spend(length)
  return Array.from({ length }, (_, i) => BigInt(start + i * step))
}

/** What ends a loop's round early. */
type Leap = 'break' | 'continue' | undefined

function run(body: readonly Statement[], scope: Scope, context: Context): Leap {
  for (const statement of body) {
    const leap = step(statement, scope, context)
    if (leap !== undefined) return leap
  }
  return undefined
}

/** What a block prints, as a value. */
function printed(body: readonly Statement[], scope: Scope, { spend }: Context): string {
  const out: string[] = []
  run(body, scope, { spend, out })
  return out.join('')
}

function step(statement: Statement, scope: Scope, context: Context): Leap {
  const { spend, out } = context
  spend()
  switch (statement.type) {
    case 'Comment':
      return undefined
    case 'Break':
      return 'break'
    case 'Continue':
      return 'continue'
    case 'If':
      return run(
        isTrue(evaluate(statement.test, scope, context)) ? statement.body : statement.alternate,
        scope,
        context,
      )
    case 'For':
      return void loop(statement, scope, context)
    case 'Set': {
      const { assignee, value, body } = statement
      if (value !== null) return void assign(assignee, evaluate(value, scope, context), scope, context)
      // A block may pass through filters on its way: {% set x | trim %}.
      const text = printed(body, scope, context)
      return void assign(target(assignee), filtered(assignee, text, scope, context), scope, context)
    }
    case 'Macro':
      return void scope.values.set(
        statement.name.value,
        macro(statement.args, statement.body, scope, context),
      )
    case 'CallStatement':
      return void out.push(str(callBlock(statement, scope, context)))
    case 'FilterStatement':
      return void out.push(
        str(filter(statement.filter, printed(statement.body, scope, context), scope, context)),
      )
    default: {
      const value = evaluate(statement, scope, context)
      payForAllOf(value, context)
      const text = str(value)
      spend(text.length, 'characters')
      return void out.push(text)
    }
  }
}

const target = (assignee: Expression): Expression =>
  assignee.type === 'FilterExpression' ? target(assignee.operand) : assignee

function filtered(assignee: Expression, text: Value, scope: Scope, context: Context): Value {
  if (assignee.type !== 'FilterExpression') return text
  return filter(assignee.filter, filtered(assignee.operand, text, scope, context), scope, context)
}

function assign(to: Expression, value: Value, scope: Scope, context: Context): void {
  if (to.type === 'Identifier') scope.values.set(to.value, value)
  else if (to.type === 'TupleLiteral') {
    const values = items(value)
    if (values.length !== to.value.length)
      throw new Error(`${values.length} values for ${to.value.length} names`)
    to.value.forEach((each, i) => {
      assign(each, values[i], scope, context)
    })
  } else if (to.type === 'MemberExpression' && to.property.type === 'Identifier') {
    const object = evaluate(to.object, scope, context)
    if (!(object instanceof Namespace)) throw new Error('cannot assign attribute on non-namespace object')
    object.attributes.set(to.property.value, value)
  } else throw new Error('this cannot be assigned to')
}

function loop({ loopvar, iterable, body, defaultBlock }: For, scope: Scope, context: Context): void {
  const [source, test] =
    iterable.type === 'SelectExpression' ? [iterable.lhs, iterable.test] : [iterable, undefined]
  const bound = (item: Value): Scope => {
    const inner = newScope(scope)
    assign(loopvar, item, inner, context)
    return inner
  }
  const found = items(evaluate(source, scope, context))
  const list =
    test === undefined ? found : found.filter((item) => isTrue(evaluate(test, bound(item), context)))
  let last: Value
  // As in Jinja2, a round that is left early is none: `else` follows when no round came to its end.
  let finished = false
  for (const [i, item] of list.entries()) {
    context.spend(SCOPE_STEPS)
    const inner = bound(item)
    const attributes = new Map<string, Value>([
      ['index', BigInt(i + 1)],
      ['index0', BigInt(i)],
      ['revindex', BigInt(list.length - i)],
      ['revindex0', BigInt(list.length - i - 1)],
      ['first', i === 0],
      ['last', i === list.length - 1],
      ['length', BigInt(list.length)],
      ['depth', 1n],
      ['depth0', 0n],
      ['previtem', list[i - 1]],
      ['nextitem', list[i + 1]],
      ['cycle', (args) => args[i % args.length]],
      [
        'changed',
        (args) => {
          const changed = !equals(args, last)
          last = args
          return changed
        },
      ],
    ])
    inner.values.set('loop', new Namespace(attributes))
    const leap = run(body, inner, context)
    if (leap === undefined) finished = true
    if (leap === 'break') break
  }
  if (!finished) run(defaultBlock, scope, context)
}

function macro(
  parameters: readonly Parameter[],
  body: readonly Statement[],
  scope: Scope,
  context: Context,
): Callable {
  const source = JSON.stringify(body)
  context.spend(source.length, 'characters')
  const reads = (name: string) => source.includes(`"Identifier","value":"${name}"`)
  const [takesMore, takesNamed] = [reads('varargs'), reads('kwargs')]
  return (args, named) => {
    context.spend(SCOPE_STEPS)
    const inner = newScope(scope)
    const rest = new Map(named)
    inner.values.set('caller', rest.get('caller'))
    rest.delete('caller')
    for (const [i, parameter] of parameters.entries()) {
      const name = parameter.type === 'Identifier' ? parameter.value : parameter.key.value
      let value = i < args.length ? args[i] : rest.get(name)
      if (i >= args.length && !rest.has(name) && parameter.type !== 'Identifier')
        value = evaluate(parameter.value, inner, context)
      rest.delete(name)
      inner.values.set(name, value)
    }
    if (rest.size > 0 && !takesNamed) throw new Error(`macro takes no argument named ${[...rest.keys()][0]}`)
    if (args.length > parameters.length && !takesMore)
      throw new Error(`macro takes at most ${parameters.length} arguments`)
    inner.values.set('kwargs', new Map<Value, Value>(rest))
    inner.values.set('varargs', Tuple.from(args.slice(parameters.length)))
    return printed(body, inner, context)
  }
}

function callBlock({ call, callerArgs, body }: CallBlock, scope: Scope, context: Context): Value {
  const caller = macro(callerArgs ?? [], body, scope, context)
  const [args, named] = argumentsOf(call.args, scope, context)
  return callable(call.callee, scope, context)(args, named.set('caller', caller))
}
