/** The value of an expression in a scope. */
import { applyFilter, applyTest } from './filters.ts'
import { methodOf } from './methods.ts'
import { arithmetic, compared, element, slice, unary } from './operators.ts'
import { type Callable, isTrue, items, Namespace, str, Tuple, typeName, type Value } from './python.ts'
import { type Binary, type Expression, GROUP, isComparisonOperator } from './syntax.ts'
import { nodes, type Spend } from './work.ts'

export interface Scope {
  parent: Scope | undefined
  values: Map<string, Value>
}
export const newScope = (parent: Scope | undefined, values: Iterable<[string, Value]> = []): Scope => ({
  parent,
  values: new Map(values),
})

function lookUp(name: string, scope: Scope): Value {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent)
    if (at.values.has(name)) return at.values.get(name)
  return undefined
}

/** Where what is printed goes, and what pays for it. */
export interface Context {
  spend: Spend
  out: string[]
}

export function argumentsOf(
  given: readonly Expression[],
  scope: Scope,
  context: Context,
): [Value[], Map<string, Value>] {
  const args: Value[] = []
  const named = new Map<string, Value>()
  for (const each of given) {
    if (each.type === 'KeywordArgumentExpression')
      named.set(each.key.value, evaluate(each.value, scope, context))
    else if (each.type === 'SpreadExpression') args.push(...items(evaluate(each.argument, scope, context)))
    else if (each.type === 'KeywordSpreadExpression') {
      const more = evaluate(each.argument, scope, context)
      if (!(more instanceof Map)) throw new TypeError('the argument after ** must be a mapping')
      for (const [name, value] of more) named.set(str(name), value)
    } else args.push(evaluate(each, scope, context))
  }
  return [args, named]
}

export function callable(callee: Expression, scope: Scope, context: Context): Callable {
  const found = evaluate(callee, scope, context)
  if (typeof found === 'function') return found
  throw new TypeError(found === undefined ? undefinedMessage(callee) : `${typeName(found)} is not callable`)
}

/** What Jinja2 says of a value that is not there and is asked for something. */
function undefinedMessage(expression: Expression): string {
  if (expression.type === 'Identifier') return `'${expression.value}' is undefined`
  if (expression.type !== 'MemberExpression') return 'a value is undefined'
  const { property } = expression
  const name =
    property.type === 'Identifier' || property.type === 'StringLiteral' ? property.value : undefined
  return name === undefined ? 'the list has no such element' : `there is no attribute '${name}'`
}

export function filter(
  called: Extract<Expression, { type: 'Identifier' | 'CallExpression' }>,
  operand: Value,
  scope: Scope,
  context: Context,
): Value {
  const [name, given] =
    called.type === 'Identifier'
      ? [called.value, []]
      : [(called.callee as { value: string }).value, called.args]
  if (name === GROUP) return operand
  const [args, named] = argumentsOf(given, scope, context)
  const test = /^is (not )?(\w+)$/.exec(name)
  for (const each of [operand, ...args]) payForAllOf(each, context)
  if (test !== null) return applyTest(test[2]!, operand, args) === (test[1] === undefined)
  return applyFilter(name, operand, args, named, context.spend)
}

export function evaluate(expression: Expression, scope: Scope, context: Context): Value {
  const value = computed(expression, scope, context)
  context.spend()
  if (typeof value === 'string') context.spend(value.length / 64, 'characters')
  return value
}

function computed(expression: Expression, scope: Scope, context: Context): Value {
  const inner = (each: Expression) => evaluate(each, scope, context)
  switch (expression.type) {
    case 'StringLiteral':
      return expression.value
    case 'IntegerLiteral':
      return BigInt(expression.value)
    case 'FloatLiteral':
      return expression.value
    case 'ArrayLiteral':
      return expression.value.map(inner)
    case 'TupleLiteral':
      return Tuple.from(expression.value.map(inner))
    case 'ObjectLiteral':
      return new Map([...expression.value].map(([key, value]) => [inner(key), inner(value)]))
    case 'Identifier':
      return lookUp(expression.value, scope)
    case 'MemberExpression':
      return member(expression, scope, context)
    case 'CallExpression': {
      const called = callable(expression.callee, scope, context)
      return called(...argumentsOf(expression.args, scope, context))
    }
    case 'FilterExpression':
      return filter(expression.filter, inner(expression.operand), scope, context)
    case 'TestExpression':
      return applyTest(expression.test.value, inner(expression.operand), []) !== expression.negate
    case 'Ternary':
      return inner(isTrue(inner(expression.condition)) ? expression.trueExpr : expression.falseExpr)
    case 'SelectExpression':
      return isTrue(inner(expression.test)) ? inner(expression.lhs) : undefined
    case 'UnaryExpression':
      return unary(expression.operator.value, inner(expression.argument))
    case 'BinaryExpression':
      return binary(expression, scope, context)
    default:
      throw new SyntaxError(`${expression.type} is not understood here`)
  }
}

function member(
  { object, property, computed }: Extract<Expression, { type: 'MemberExpression' }>,
  scope: Scope,
  context: Context,
): Value {
  const value = evaluate(object, scope, context)
  if (value === undefined) throw new TypeError(undefinedMessage(object))
  if (property.type === 'SliceExpression') {
    const bound = (each: Expression | undefined) =>
      each === undefined ? undefined : evaluate(each, scope, context)
    return slice(value, bound(property.start), bound(property.stop), bound(property.step))
  }
  if (computed) {
    const key = evaluate(property, scope, context)
    const found = element(value, key)
    return found === undefined && typeof key === 'string' ? attributeOf(value, key, context) : found
  }
  if (property.type === 'IntegerLiteral') return element(value, BigInt(property.value))
  const name = (property as { value: string }).value
  const found = attributeOf(value, name, context)
  return found === undefined ? element(value, name) : found
}

function attributeOf(value: Value, name: string, { spend }: Context): Value {
  return value instanceof Namespace ? value.attributes.get(name) : methodOf(value, name, spend)
}

function binary(expression: Binary, scope: Scope, context: Context): Value {
  const { left, right } = expression
  const operator = expression.operator.value
  if (operator === 'and' || operator === 'or') {
    const first = evaluate(left, scope, context)
    return isTrue(first) === (operator === 'and') ? evaluate(right, scope, context) : first
  }
  if (isComparisonOperator(operator)) return comparisons(expression, scope, context)[0]
  const [a, b] = [evaluate(left, scope, context), evaluate(right, scope, context)]
  if (operator === '~') {
    for (const each of [a, b]) payForAllOf(each, context)
    return paid(str(a) + str(b), context)
  }
  if (a === undefined) throw new TypeError(undefinedMessage(left))
  if (b === undefined) throw new TypeError(undefinedMessage(right))
  return paid(arithmetic(operator, a, b, context.spend), context)
}

/** Pays for going through all of a value, to print or to compare it. */
export function payForAllOf(value: Value, { spend }: Context): void {
  if (typeof value === 'object') nodes(value, spend)
}

function paid(value: Value, { spend }: Context): Value {
  if (typeof value === 'string') spend(value.length, 'characters')
  else if (Array.isArray(value)) spend(value.length)
  return value
}

/** Whether the chain holds, and its last value, which the next comparison of `a < b < c` begins with. */
function comparisons({ left, operator, right }: Binary, scope: Scope, context: Context): [boolean, Value] {
  let holds = true
  let first: Value
  if (left.type === 'BinaryExpression' && isComparisonOperator(left.operator.value))
    [holds, first] = comparisons(left, scope, context)
  else first = evaluate(left, scope, context)
  if (!holds) return [false, undefined]
  const second = evaluate(right, scope, context)
  for (const each of [first, second]) payForAllOf(each, context)
  return [compared(operator.value, first, second), second]
}
