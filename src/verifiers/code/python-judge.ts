/**
 * The Python module `_judge`, the tests' side. Only the data set's own code runs here: a test's setup, its helpers
 * and the values that it expects belong to the judge, and the program can neither read nor replace them.
 */
export const JUDGE_SOURCE = String.raw`
import ast, builtins, json, sys
import _codec

class ProgramFailed(BaseException):
    """Ends a test whatever it catches; carries the program's failure."""

class Unequal(AssertionError):
    def __init__(self, got, expected):
        self.got, self.expected = got, expected

# Names that tests borrow from packages which are not here: a program must not lend its own.
PACKAGES = set('np numpy pd pandas scipy sympy sp torch tf tensorflow plt nx networkx sklearn pytest approx'.split())

# Errors by which an object says that it has no such attribute or length, or no further item.
PROTOCOL = {'get': (AttributeError,), 'next': (StopIteration,), 'len': (TypeError,), 'iter': (TypeError,), 'hash': (TypeError,)}

names, space, errors, taken = {}, {}, {}, set()
caught, broken = (), []

def ask(question):
    try:
        message = json.loads(_codec.exchange(question))
        reply = message['reply']
        sys.stdout.write(message['printed'])
        if 'error' not in reply:
            return reply
        error = dict(reply['error'])
        kind, args = kind_of(error)
    except Exception:
        no_reply()
    if not issubclass(kind, caught) and kind not in PROTOCOL.get(question.get('do'), ()):
        raise ProgramFailed(error)
    try:
        again = kind(*args)
    except Exception:
        again = RuntimeError(error.get('message'))
    again.program_error = error
    raise again

def no_reply():
    raise ProgramFailed({'type': 'EOFError', 'message': 'no reply', 'line': 0})

def kind_of(error):
    """The class of the program's error here, and its arguments."""
    kind = errors.get(error.get('type')) or getattr(builtins, str(error.get('builtin')), None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        raise ProgramFailed(error)
    args = json.loads(error.get('args') or 'null')
    return kind, (error.get('message'),) if args is None else _codec.decode(args)

def expect_equal(got, expected):
    if not got == expected:
        raise Unequal(got, expected)

class Asserts(ast.NodeTransformer):
    """Turns "assert a == b" into a call that remembers both sides; the side that calls the program is the answer."""
    def visit_Assert(self, node):
        test = node.test
        if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
            return node
        got, expected = test.left, test.comparators[0]
        if mentions(expected) and not mentions(got):
            got, expected = expected, got
        function = ast.Name('__expect_equal', ast.Load())
        return ast.copy_location(ast.Expr(ast.Call(function, [got, expected], [])), node)

def mentions(tree):
    return any(isinstance(n, ast.Name) and (n.id in taken or n.id == 'candidate') for n in ast.walk(tree))

def ids(tree):
    return loaded(ast.walk(tree))

def loaded(nodes):
    return {n.id for n in nodes if type(n) is ast.Name and type(n.ctx) is ast.Load}

def defined(tree):
    """The names that the tests bind themselves, apart from those within their functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition('.')[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            yield from defined(node)

def names_to_take(trees, nodes):
    """
    The names that the tests take from the program: those that only it can mean. A name that Python knows too (a
    builtin, a function or a module of the library) is the judge's tool, unless the tests use no other name of the
    program: then the one that they call on plain values is what they test.
    """
    own = {name for tree in trees for name in defined(tree)}
    used = {n for n in loaded(nodes) - own if n in names and n not in PACKAGES and not n.startswith('__')}
    library = {n for n in used if hasattr(builtins, n) or n in tools() or n in sys.stdlib_module_names}
    if used - library:
        return used - library
    calls = [n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    computed = {n for node in nodes if isinstance(node, ast.Assign) and ids(node.value) & used
                for target in node.targets for n in stored(target)}
    result = set()
    for name in library:
        of_name = [c for c in calls if c.func.id == name]
        inside = set().union(*(ids(part) for c in of_name for part in [*c.args, *c.keywords]))
        if of_name and not inside & ((used - {name}) | computed):
            result.add(name)
    return result

def stored(tree):
    return {n.id for n in ast.walk(tree) if type(n) is ast.Name and type(n.ctx) is ast.Store}

def prelude():
    return sys.modules['_runner'].PRELUDE

def tools():
    """What a test may have forgotten to import. Nobody means operator.add by add."""
    return sys.modules['_runner'].TOOLS

def named_errors(nodes):
    """The exceptions that the tests catch or expect. Any other error of the program ends its test."""
    for node in nodes:
        if isinstance(node, ast.ExceptHandler):
            yield from ids(node.type) if node.type else ['Exception']
        elif isinstance(node, ast.Call):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, 'id', '')
            if 'raises' in function.lower() or function == 'suppress':
                yield from ids(node)

def take(name):
    kind = names[name]
    if kind in ('class', 'call'):
        return _codec.remote(name)
    if kind != 'value':
        base = getattr(builtins, kind, Exception)
        errors[name] = type(name, (base if issubclass(base, Exception) else Exception,), {})
        return errors[name]
    reply = ask({'target': name})
    try:
        return _codec.decode(reply['value'])
    except Exception:
        no_reply()

def run(tree):
    for name in ids(tree) - space.keys():
        if name in taken:
            space[name] = take(name)
        elif hasattr(builtins, name):
            continue
        elif name in prelude():
            space[name] = prelude()[name]
        elif name in sys.stdlib_module_names:
            space[name] = __import__(name)
    tree = ast.fix_missing_locations(Asserts().visit(tree))
    exec(compile(tree, '<test>', 'exec', dont_inherit=True), space)

def prepare(request):
    global names, space, taken, caught
    _codec.MINE, _codec.THEIRS, _codec.find = 'j', 'o', _codec.objects.__getitem__
    _codec.ask, _codec.malformed = ask, no_reply
    names = json.loads(request['names'])['names']
    space = {'__name__': 'judge', '__expect_equal': expect_equal}
    definitions = ast.parse(request['definitions'], '<test>')
    trees = [definitions, *map(parsed, request['tests'])]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    taken = names_to_take(trees, nodes)
    _codec.classes_named = any(names[name] == 'class' for name in taken)
    for name in taken:
        if names[name] not in ('value', 'call', 'class'):
            space[name] = take(name)
    named = set(named_errors(nodes))
    caught = classes(named)
    run(definitions)
    caught = classes(named)
    lent = {n: _codec.encode(v) for n, v in space.items() if isinstance(v, type) and v.__module__ == 'judge' and n not in names}
    if lent and request.get('lends'):
        ask({'lend': lent})
    if 'entryPoint' in request:
        space[request['entryPoint']] = _codec.remote(request['entryPoint'])
    return {}

def classes(named):
    found = [space.get(name) or getattr(builtins, name, None) for name in named]
    return tuple(c for c in found if isinstance(c, type) and issubclass(c, BaseException))

def parsed(source):
    try:
        return ast.parse(source, '<test>')
    except SyntaxError:
        return ast.Module([], [])

def allow(target, do, args):
    """What the program may do to an object that the tests handed over: call it, and use it if its class is theirs."""
    if do == 'call' and callable(target):
        return
    if type(target).__module__ != 'judge' or (do in ('get', 'set', 'del') and str(args[0]).startswith('_')):
        raise PermissionError('this object belongs to the tests')

def answer(text):
    """A question of the program. What fails in the tests' own code fails the test, whatever the program makes of it."""
    try:
        reply = _codec.answer(json.loads(text), allow)
    except (AssertionError, ProgramFailed) as error:
        broken.append(error)
        reply = {'error': {'builtin': 'RuntimeError', 'message': 'the test failed'}}
    except Exception as error:
        kind = next((c.__name__ for c in type(error).__mro__ if c.__module__ == 'builtins'), 'Exception')
        reply = {'error': {'builtin': kind, 'message': str(error)[:300]}}
    _codec.write(2, b'\x1e' + json.dumps(reply).encode())

def short(value):
    try:
        text = repr(value)
    except BaseException:
        text = f'<{type(value).__name__}>'
    return text if len(text) <= 120 else text[:117] + '...'

def test(request):
    broken.clear()
    try:
        run(ast.parse(request['source'], '<test>'))
        if broken:
            raise broken[0]
    except Unequal as error:
        return {'passed': False, 'expected': short(error.expected), 'got': short(error.got)}
    except AssertionError as error:
        return {'passed': False}
    except ProgramFailed as error:
        return {'passed': False, 'error': error.args[0]}
    except Exception as error:
        mine = {'type': type(error).__name__, 'message': str(error)[:300], 'line': 0}
        return {'passed': False, 'error': getattr(error, 'program_error', mine)}
    return {'passed': True}

def serve(text):
    request = json.loads(text)
    try:
        reply = {'judge': prepare, 'test': test}[request['op']](request)
    except ProgramFailed as error:
        reply = {'error': error.args[0]}
    except BaseException as error:
        reply = {'error': {'type': type(error).__name__, 'message': str(error)[:300], 'line': 0}}
    _codec.write(2, b'\x1e' + json.dumps(reply).encode())
`
