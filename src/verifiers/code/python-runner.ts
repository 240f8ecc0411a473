/**
 * The Python module `_runner`, the program's side: runs scripts, loads modules, calls functions. Nothing in it is
 * trusted: whatever a program does to it harms that program's answers only.
 */
export const RUNNER_SOURCE = String.raw`
import array, ast, atexit, bisect, builtins, cmath, collections, contextlib, copy, datetime, decimal, fractions, functools, gc
import heapq, io, itertools, json, math, operator, os, queue, random, re, statistics, string, sys, threading, time, types
import typing, dataclasses, enum, numbers
import _codec

CLOSED = {'js', 'pyodide', 'pyodide_js', '_pyodide', '_pyodide_core', 'micropip', 'ctypes', '_ctypes', 'socket',
          '_socket', 'ssl', '_ssl', 'subprocess', '_posixsubprocess', 'multiprocessing', 'webbrowser', 'asyncio'}
dumps, loads, write = json.dumps, json.loads, os.write

def star(names):
    """What 'from a import *' and then 'import a' give, for each module in turn."""
    found = {}
    modules = [__import__(name) for name in names.split()]
    for module in modules:
        public = getattr(module, '__all__', None) or [n for n in vars(module) if n[0] != '_']
        found.update((name, getattr(module, name)) for name in public)
    found.update((module.__name__, module) for module in modules if module is not builtins)
    return found

# What functional problems of LeetCode and LiveCodeBench take as imported.
PRELUDE = star('string re datetime collections heapq bisect copy math random statistics itertools functools operator io '
               'sys json builtins typing')

TOOLS = star('datetime collections heapq bisect copy math itertools functools typing decimal fractions')

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
    sys.modules['resource'] = resource_module()
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

def resource_module():
    """Contest programs ask for a larger stack with it. They have what there is: nothing changes."""
    module = types.ModuleType('resource')
    names = 'CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS'.split()
    vars(module).update((f'RLIMIT_{name}', number) for number, name in enumerate(names))
    usage = collections.namedtuple('struct_rusage', 'ru_utime ru_stime ru_maxrss')
    module.RLIM_INFINITY, module.RUSAGE_SELF, module.RUSAGE_CHILDREN, module.error = -1, 0, -1, OSError
    module.getrlimit = lambda which: (-1, -1)
    module.setrlimit = lambda which, limits: None
    module.getrusage = lambda who: usage(time.process_time(), 0.0, 0)
    module.getpagesize = lambda: 65536
    return module

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
    try:
        args = dumps(_codec.encode(error.args))
    except BaseException:
        args = 'null'
    return {'error': {'type': type(error).__name__, 'message': message, 'line': line, 'builtin': known,
                      'args': args if len(args) < 2000 else 'null'}}

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
    for stream in {id(s): s for s in (sys.stdout, sys.__stdout__)}.values():
        if hasattr(stream, 'flush'):
            stream.flush()

def first_that_compiles(versions):
    """Each version is a list of parts."""
    for index, parts in enumerate(versions):
        try:
            return [compile(part, '<program>', 'exec', dont_inherit=True) for part in parts]
        except (SyntaxError, ValueError) as error:
            first = error if index == 0 else first
    raise first

def script(request):
    space = fresh_module('__main__')
    try:
        for code in first_that_compiles([[program] for program in request['versions']]):
            exec(code, space)
    except SystemExit as end:
        if end.code not in (None, 0):
            return {'error': {'type': 'SystemExit', 'message': str(end.code)[:300], 'line': 0}}
    finally:
        atexit._run_exitfuncs()
        flush()
    return {}

space = {}

def load(request):
    global space
    codes = first_that_compiles(request['versions'])
    space = fresh_module('program')
    if request.get('prelude'):
        space.update((name, value) for name, value in PRELUDE.items() if name not in vars(builtins))
        sys.setrecursionlimit(50000)
    imports = ast.parse(request.get('imports') or '')
    imports.body = [node for node in imports.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    exec(compile(imports, '<setup>', 'exec', dont_inherit=True), space)
    for code in codes:
        try:
            exec(code, space)
        except SystemExit:
            pass
    atexit._run_exitfuncs()
    flush()
    return {'names': {name: kind_of(value) for name, value in list(space.items()) if isinstance(name, str)}}

def kind_of(value):
    """What a name stands for: a value, a call, a class, or an exception by its builtin base."""
    if isinstance(value, type) and issubclass(value, BaseException):
        return next((c.__name__ for c in value.__mro__ if c.__module__ == 'builtins'), 'Exception')
    return 'class' if isinstance(value, type) else 'call' if callable(value) else 'value'

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

def ask(question):
    """The judge's question: a value by its name, something done to an object, or names that it lends."""
    if 'lend' in question:
        for name, value in question['lend'].items():
            space.setdefault(name, _codec.decode(value))
        return {}
    if 'do' not in question:
        return {'value': _codec.encode(find(question['target']))}
    try:
        return _codec.answer(question, lambda target, do, args: None)
    finally:
        flush()

def ask_judge(question):
    """An object of the tests: only what the tests handed over answers."""
    reply = loads(_codec.exchange(question))
    if 'error' not in reply:
        return reply
    kind = getattr(builtins, str(reply['error'].get('builtin')), RuntimeError)
    raise kind(reply['error'].get('message'))

_codec.find, _codec.ask, _codec.classes_named = find, ask_judge, True

def serve(text):
    request = loads(text)
    try:
        answer = {'script': script, 'load': load, 'call': call}.get(request.get('op'), ask)(request)
    except BaseException as error:
        answer = failure(error)
    try:
        line = dumps(answer)
    except BaseException as error:
        line = dumps(failure(error))
    write(2, b'\x1e' + line.encode())
`
