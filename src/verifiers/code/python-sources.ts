/**
 * The Python that lives inside the interpreters, as text because a build by tsc copies no `.py` files.
 *
 * One image serves two interpreters. The runner side holds the program: it runs scripts, loads modules, calls
 * functions. The judge side holds the tests: names of the program are stand-ins there that send plain data across
 * and get plain data back, so a program can neither see an expected value nor answer with an object whose
 * `__eq__` says yes to everything.
 */

/** Plain data to tagged JSON and back. Lists, strings, booleans, None and ordinary numbers stand for themselves. */
export const CODEC_SOURCE = `
import collections, decimal, fractions, itertools, json
from collections.abc import Iterator

MOST_ITEMS = 1_000_000
objects = []

class Remote:
    """An object of the program, known to the judge by a name or a number only."""
    __slots__ = ('target', 'call')
    def __init__(self, target, call):
        self.target, self.call = target, call
    def __call__(self, *args, **kwargs):
        return self.call(self.target, args, kwargs)
    def __repr__(self):
        return f'<object {self.target} of the program>'

def encode(value):
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if isinstance(value, int):
        if kind is not int:
            value = int(value)
        return value if -(1 << 53) < value < 1 << 53 else {'i': hex(value)}
    if isinstance(value, float):
        value = float(value)
        return value if value - value == 0 else {'f': repr(value)}
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list):
        return [encode(item) for item in list.__iter__(value)]
    if isinstance(value, tuple):
        return {'t': [encode(item) for item in tuple.__iter__(value)]}
    if isinstance(value, dict):
        return {'d': [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, (set, frozenset)):
        return {'s' if isinstance(value, set) else 'z': [encode(item) for item in value]}
    if isinstance(value, (bytes, bytearray)):
        return {'b': bytes(value).hex()}
    if isinstance(value, complex):
        return {'c': [repr(value.real), repr(value.imag)]}
    if isinstance(value, collections.deque):
        return {'q': [encode(item) for item in value]}
    if isinstance(value, range):
        return {'r': [value.start, value.stop, value.step]}
    if isinstance(value, decimal.Decimal):
        return {'m': str(value)}
    if isinstance(value, fractions.Fraction):
        return {'n': [encode(value.numerator), encode(value.denominator)]}
    if isinstance(value, Iterator):
        return {'e': [encode(item) for item in itertools.islice(value, MOST_ITEMS)]}
    if kind is Remote:
        return {'o': value.target}
    objects.append(value)
    return {'o': len(objects) - 1}

def decode(value, find):
    kind = type(value)
    if kind is list:
        return [decode(item, find) for item in value]
    if kind is not dict:
        return value
    (tag, body), = value.items()
    if tag == 'i':
        return int(body, 16)
    if tag == 'f':
        return float(body)
    if tag == 'd':
        return {decode(key, find): decode(item, find) for key, item in body}
    if tag == 'b':
        return bytes.fromhex(body)
    if tag == 'c':
        return complex(float(body[0]), float(body[1]))
    if tag == 'm':
        return decimal.Decimal(body)
    if tag == 'r':
        return range(*body)
    if tag == 'o':
        return find(body)
    items = [decode(item, find) for item in body]
    if tag == 'n':
        return fractions.Fraction(*items)
    return {'t': tuple, 's': set, 'z': frozenset, 'q': collections.deque, 'e': iter}[tag](items)
`

/** The program's side. Nothing in it is trusted: whatever a program does to it harms that program's answers only. */
export const RUNNER_SOURCE = String.raw`
import array, atexit, bisect, builtins, cmath, collections, copy, datetime, decimal, fractions, functools, gc, heapq
import io, itertools, json, math, operator, os, queue, random, re, statistics, string, sys, threading, time, types
import typing, dataclasses, enum
import _codec, _judge

CLOSED = {'js', 'pyodide', 'pyodide_js', '_pyodide', '_pyodide_core', 'micropip', 'ctypes', '_ctypes', 'socket',
          '_socket', 'ssl', '_ssl', 'subprocess', '_posixsubprocess', 'multiprocessing', 'webbrowser', 'asyncio'}
dumps, loads, write = json.dumps, json.loads, os.write

class ClosedModules:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition('.')[0] in CLOSED:
            raise ModuleNotFoundError(f'{name!r} is closed in the sandbox', name=name)

def seal():
    """Takes away what pyodide brought along; the sealed imports hold even where something is missed here."""
    for name in list(sys.modules):
        if name.partition('.')[0] in CLOSED:
            del sys.modules[name]
    sys.meta_path[:] = [ClosedModules] + [f for f in sys.meta_path if 'yodide' not in type(f).__module__ + getattr(f, '__module__', '')]
    sys.path[:] = [p for p in sys.path if p.endswith('.zip') or p.startswith('/lib')]
    threading.Thread.start = start_thread
    threading.Thread.join = lambda self, timeout=None: None
    threading.stack_size = lambda size=0: 0
    time.sleep = sleep
    gc.collect()
    gc.freeze()

def start_thread(self):
    """There are no threads; contest programs use one for a deeper stack, which running it here gives."""
    self._started.set()
    self.run()

def sleep(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass

def failure(error):
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == '<program>':
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno or 0
    known = next((c.__name__ for c in type(error).__mro__ if c.__module__ == 'builtins'), 'Exception')
    try:
        message = str(error.msg if isinstance(error, SyntaxError) else error)[:300]
    except BaseException:
        message = ''
    return {'error': {'type': type(error).__name__, 'message': message, 'line': line, 'builtin': known}}

def fresh_module(name):
    module = types.ModuleType(name)
    sys.modules['__main__'] = sys.modules[name] = module
    module.__dict__['__builtins__'] = builtins
    sys.argv = ['program.py']
    sys.stdin = sys.__stdin__ = open(0, encoding='utf-8', closefd=False)
    sys.stdout = sys.__stdout__ = open(1, 'w', 1 << 16, encoding='utf-8', newline='\n', closefd=False)
    sys.stderr = sys.__stderr__ = io.StringIO()
    return module.__dict__

def flush():
    atexit._run_exitfuncs()
    for stream in {id(s): s for s in (sys.stdout, sys.__stdout__)}.values():
        if hasattr(stream, 'flush'):
            stream.flush()

def script(request):
    space = fresh_module('__main__')
    try:
        exec(compile(request['program'], '<program>', 'exec', dont_inherit=True), space)
    except SystemExit as end:
        if end.code not in (None, 0):
            return {'error': {'type': 'SystemExit', 'message': str(end.code)[:300], 'line': 0}}
    finally:
        flush()
    return {}

space = {}

def load(request):
    global space
    versions = request['versions']
    for index, parts in enumerate(versions):
        try:
            codes = [compile(part, '<program>', 'exec', dont_inherit=True) for part in parts]
            break
        except (SyntaxError, ValueError):
            if index == len(versions) - 1:
                raise
    space = fresh_module('program')
    setup = compile(request.get('setup') or '', '<setup>', 'exec', dont_inherit=True)
    try:
        exec(setup, space)
        setup = None
    except Exception:
        pass
    for code in codes:
        try:
            exec(code, space)
        except SystemExit:
            pass
    if setup is not None:
        exec(setup, space)
    return {'names': {name: callable(value) for name, value in list(space.items()) if isinstance(name, str)}}

def find(target):
    if isinstance(target, int):
        return _codec.objects[target]
    solution = space.get('Solution')
    if isinstance(solution, type) and hasattr(solution, target):
        return getattr(solution(), target)
    if target not in space:
        raise NameError(f'name {target!r} is not defined')
    return space[target]

def call(request):
    function = find(request['name'])
    value = function(*loads(request['args']))
    return {'value': dumps(_codec.encode(value))}

def ask(request):
    """The judge's question: a value, or a call whose changes to its arguments travel back."""
    target = find(request['target'])
    if 'args' not in request:
        return {'value': _codec.encode(target)}
    args = [_codec.decode(arg, find) for arg in request['args']]
    kwargs = {name: _codec.decode(arg, find) for name, arg in request['kwargs'].items()}
    value = _codec.encode(target(*args, **kwargs))
    changed = {}
    for i, arg in enumerate(args):
        if type(arg) in (list, dict, set):
            after = _codec.encode(arg)
            if after != request['args'][i]:
                changed[i] = after
    return {'value': value, 'changed': changed}

def serve(text):
    request = loads(text)
    op = request['op']
    try:
        answer = {'script': script, 'load': load, 'call': call, 'ask': ask, 'judge': _judge.prepare, 'test': _judge.test}[op](request)
    except BaseException as error:
        answer = failure(error)
    try:
        line = dumps(answer)
    except BaseException as error:
        line = dumps(failure(error))
    write(2, b'\x1e' + line.encode())
`

/** The tests' side. Only the data set's own code runs here. */
export const JUDGE_SOURCE = String.raw`
import ast, builtins, json, os
import _codec

class ProgramFailed(BaseException):
    """Ends a test whatever it catches; carries the program's failure."""

class Unequal(AssertionError):
    def __init__(self, got, expected):
        self.got, self.expected = got, expected

names = {}
space = {}

def ask(question):
    os.write(2, b'\x1e' + json.dumps(question).encode())
    line = bytearray()
    while not line.endswith(b'\n'):
        chunk = os.read(0, 1 << 16)
        if not chunk:
            raise ProgramFailed({'type': 'EOFError', 'message': 'no reply', 'line': 0})
        line += chunk
    reply = json.loads(line)
    if 'error' in reply:
        raise_again(reply['error'])
    return reply

def raise_again(error):
    kind = getattr(builtins, str(error.get('builtin')), None)
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, AssertionError):
        try:
            again = kind(error['message'])
        except TypeError:
            again = RuntimeError(error['message'])
        again.program_error = error
        raise again
    raise ProgramFailed(error)

def remote(target):
    return _codec.Remote(target, call)

def call(target, args, kwargs):
    reply = ask({'op': 'ask', 'target': target, 'args': [_codec.encode(a) for a in args],
                 'kwargs': {k: _codec.encode(a) for k, a in kwargs.items()}})
    for index, after in reply['changed'].items():
        arg, after = args[int(index)], _codec.decode(after, remote)
        if type(arg) is list and type(after) is list:
            arg[:] = after
        elif type(arg) is dict and type(after) is dict or type(arg) is set and type(after) is set:
            arg.clear()
            arg.update(after)
    return _codec.decode(reply['value'], remote)

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
    return any(isinstance(n, ast.Name) and (n.id in names or n.id == 'candidate') for n in ast.walk(tree))

def bind(tree):
    """Gives the test those names of the program that it uses; a builtin only where nothing else could be meant."""
    loads = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    only_builtins = all(hasattr(builtins, name) for name in called)
    for name in loads:
        if name in space or name not in names or name.startswith('__'):
            continue
        if hasattr(builtins, name) and not (only_builtins and name in called):
            continue
        if names[name]:
            space[name] = remote(name)
        else:
            space[name] = _codec.decode(ask({'op': 'ask', 'target': name})['value'], remote)

def run(source):
    tree = ast.parse(source, '<test>')
    bind(tree)
    tree = ast.fix_missing_locations(Asserts().visit(tree))
    exec(compile(tree, '<test>', 'exec', dont_inherit=True), space)

def prepare(request):
    global names, space
    names = request['names']
    space = {'__name__': 'judge', '__expect_equal': expect_equal}
    tree = ast.parse(request['imports'])
    tree.body = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    exec(compile(tree, '<imports>', 'exec', dont_inherit=True), space)
    run(request['definitions'])
    if 'entryPoint' in request:
        space[request['entryPoint']] = remote(request['entryPoint'])
    return {}

def short(value):
    try:
        text = repr(value)
    except Exception as error:
        text = f'<{type(value).__name__}>'
    return text if len(text) <= 120 else text[:117] + '...'

def test(request):
    try:
        run(request['source'])
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
`
