# millrace: `make demo` runs the main job on real data, `make check` passes the tests.
#
#   make               every filter, bin/NAME.c -> bin/NAME
#   make MODE=asan     the same under address and undefined-behaviour sanitizers,
#                      in .build/asan/bin
#   make MPI=1         trainers for mpirun (libopenmpi-dev); make MPI=1 install
#   make install PREFIX=DIR, make uninstall     programs, pages, completion, pipelines;
#                      PREFIXED=yes names the programs millrace-NAME
#   make deb           a Debian package, in .build/deb
#   make ports         builds and short tests on other Debians, compilers and processors
#   make WERROR=1      warnings are errors (CI)
#   make check         every test, also under sanitizers
#   make faults        every fault around every filter, and trainers killed: minutes
#   make valgrind      every filter and unit test once, for reads of unset memory
#   make tsan          the same under the thread sanitizer; needs clang
#   make bench         times and memory beside those of PyTorch and others
#   make bench-13b     the cost of an LLM of 13 thousand million weights, at 4 bits
#   make bench-quant   what 8 and 4 bits cost in log-likelihood on real titles
#   make fuzz FUZZ_SECONDS=600     each file reader on broken files; needs clang

PREFIX ?= /usr/local
ARCH   ?= native
MODE   ?= release
STRIP  ?= strip
VERSION = 0.2.0

optimise.release = -O3
optimise.asan    = -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
                   -fno-omit-frame-pointer -Wno-format-truncation \
                   -Wno-maybe-uninitialized # gcc's own instrumentation confuses both
optimise.double  = -O2 -DREAL_IS_DOUBLE
optimise.valgrind = -O1 -Wno-format-truncation
optimise.tsan    = -O1 -fsanitize=thread -Wno-unknown-pragmas -Wno-string-concatenation
optimise.fuzz    = -O1 -fsanitize=address,undefined,fuzzer-no-link \
                   -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-unknown-pragmas

B     := .build/$(MODE)
BIN   := $(if $(filter release,$(MODE)),bin,$(B)/bin)

CFLAGS ?= $(if $(filter release,$(MODE)),-g,-g1) # lines alone: a sixth less to compile
override CPPFLAGS += -Ilib -MMD -MP -D_GNU_SOURCE -DMILLRACE_VERSION='"$(VERSION)"'
override CFLAGS   += -std=c11 -march=$(ARCH) -ffp-contract=fast -fno-math-errno \
                     -fno-trapping-math $(if $(filter fuzz,$(MODE)),,-fopenmp) \
                     -Wall -Wextra -Wpedantic -Wshadow -Wmissing-prototypes \
                     -Wstrict-prototypes -Wvla -Wno-missing-field-initializers $(if $(WERROR),-Werror) \
                     $(optimise.$(MODE))

# msgpack-c 6 renamed its library: the compiler knows which of them is there.
msgpack := $(firstword $(foreach name,msgpackc msgpack-c,$(if \
    $(findstring /,$(shell $(CC) -print-file-name=lib$(name).so)),$(name))) msgpackc)
LDLIBS   = $(mpi) -lopenblas -l$(msgpack) -lxxhash -ljansson -lutf8proc -lpcre2-8 -lz -lzstd -llzma -lm

# One training by several processes: the trainers are linked with ranks_mpi.o, which
# comes before the library's ranks_one.o.  MPI_CFLAGS and MPI_LIBS name another MPI.
MPI_CFLAGS ?= $(shell mpicc -showme:compile)
MPI_LIBS   ?= $(shell mpicc -showme:link)
with-ranks := align-train cf-train project-train
ranks      := $(B)/lib/ranks/ranks_mpi.o

# Folders that no gradient test links.
idle.double := $(addprefix lib/,$(addsuffix /%,cand data evaluation memo metrics plot \
                 recommend sbert))

sources := $(filter-out lib/ranks/ranks_mpi.c $(idle.$(MODE)),\
             $(sort $(wildcard lib/*/*.c)))
objects := $(sources:%.c=$(B)/%.o)
filters := $(patsubst bin/%.c,%,$(sort $(wildcard bin/*.c)))
units   := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/*.c)))
grads   := $(patsubst tests/grad/%.c,%,$(sort $(wildcard tests/grad/*.c)))
fuzzers := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*.c)))

all: $(filters:%=$(BIN)/%)

$(B)/libmillrace.a: $(objects)
	@rm -f $@
	$(AR) rcs $@ $^

# Objects are made anew where the compiler or its options are others than before.
flags = $(filter-out ccache -Werror,$(CC) $(CPPFLAGS) $(CFLAGS))
$(B)/flags: always
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(flags))' | cmp -s - $@ || echo '$(subst ','\'',$(flags))' > $@

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# What checks the processor runs on any of its family, and belongs to every program.
guard := $(B)/lib/util/processor.o
$(guard): private override ARCH := $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine)),x86-64,$(ARCH))

# They are linked anew where they were linked with MPI and are not now, or the reverse.
linked := $(B)/linked.$(notdir $(BIN))
$(linked): always
	@mkdir -p $(@D)
	@echo '$(MPI)' | cmp -s - $@ || echo '$(MPI)' > $@

trainers := $(with-ranks:%=$(BIN)/%)
$(trainers): $(linked)
ifdef MPI
$(trainers): private mpi = $(or $(MPI_LIBS),$(error MPI=1 needs mpicc: \
    apt-get install libopenmpi-dev openmpi-bin))
$(trainers): $(ranks)
$(ranks): private override CPPFLAGS += $(MPI_CFLAGS:-I%=-isystem %)
endif

$(BIN)/%: $(B)/bin/%.o $(guard) $(B)/libmillrace.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)

# Kept inputs of the fuzzers are read as the fuzzers read them.
$(B)/tests/unit/kept: LDFLAGS += -Wl,--wrap=zip_check

# Unit tests link the library; tests/grad is the same with `real` a double.
$(B)/tests/%: $(B)/tests/%.o $(guard) $(B)/libmillrace.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

$(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/libmillrace.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What injects faults: lib is linked for its reader and writer.
fault-sources := $(sort $(wildcard tests/faults/*.c))
injector := $(patsubst %.c,$(B)/%.o,$(filter-out %/shim.c %/poison.c %/products.c,$(fault-sources)))

$(B)/tests/faults/inject: $(injector) $(B)/libmillrace.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/tests/faults/poison: $(B)/tests/faults/poison.o $(B)/libmillrace.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/tests/faults/shim.so: tests/faults/shim.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -g -O2 -std=c11 -Wall -Wextra -fPIC -shared -o $@ $<

fault-programs: $(B)/tests/faults/inject $(B)/tests/faults/poison $(B)/tests/faults/shim.so

unit-programs: $(units:%=$(B)/tests/unit/%)
grad-programs: $(grads:%=$(B)/tests/grad/%)

# The readers alone, no layers: clang needs no OpenMP for them.  The readers' files
# come from the fuzzer's memory, and zip entries pass with any checksum.
readable := $(filter lib/util/% lib/ranks/% lib/cli/% lib/stream/% lib/formats/% lib/data/% \
                     lib/text/% lib/nn/% lib/frozen/% lib/sbert/% lib/history/% lib/cand/% lib/metrics/% \
                     lib/llm/% lib/prompt/template.c lib/evaluation/% lib/score/logit.c \
                     lib/score/ranks.c lib/score/scores.c,$(sources))

$(B)/libreaders.a: $(readable:%.c=$(B)/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libreaders.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -fsanitize=fuzzer \
	    -Wl,--wrap=file_map,--wrap=file_unmap,--wrap=zip_check \
	    $(LDFLAGS) -o $@ $^ $(LDLIBS)

fuzz-programs: $(fuzzers:%=$(B)/fuzz/%)

# Installs what is missing when it may; tests/check runs single files too.
check:
	@tests/packages
	@tests/check

# Every reader in turn, FUZZ_SECONDS each; what is found stays in .build/fuzz/found.
fuzz:
	@tests/packages fuzz
	@tests/fuzz/run

# All faults that tests/cmd/faults.bats takes a few of, and what became of them.
faults: all fault-programs
	@tests/faults/run
	@tests/faults/kill
	@tests/faults/hosts --build

# Valgrind knows no AVX-512.
plain-arch = $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine)),x86-64-v3,$(ARCH))
valgrind: all
	@tests/packages valgrind
	@$(MAKE) -s MODE=valgrind ARCH=$(plain-arch) all unit-programs
	@tests/faults/watch memory

# Clang's OpenMP tells the sanitizer what waits for what.
tsan: all
	@tests/packages tsan
	@$(MAKE) -s MODE=tsan CC=clang all unit-programs
	@tests/faults/watch threads

# A sweep and a scoring over two machines, one of which dies (root: network namespaces).
hosts: all
	@tests/hosts

# Ours against PyTorch and others; tests/bench/run says what else it takes.
bench: all $(B)/tests/bench/large
	@tests/bench/run

# OPT-13B's shape with random weights; the file that it makes takes 7.4 GB of disk.
bench-13b: all fetch $(B)/tests/bench/large
	@tests/bench/13b

bench-quant: all $(B)/tests/bench/quant_loss
	@tests/bench/quant

# .package/stage says what is installed; what was is listed in share/millrace/installed,
# and only that is removed.
install: all
	@mkdir -p .build && stage=$$(mktemp -d .build/stage.XXXXXX) && \
	    PREFIXED='$(PREFIXED)' STRIP='$(STRIP)' RUN='$(RUN)' ZSH_FOLDER='$(ZSH_FOLDER)' \
	    .package/stage "$$stage" $(BIN) $(VERSION) && \
	    .package/put install "$$stage" '$(DESTDIR)$(PREFIX)'; \
	    status=$$?; rm -rf "$$stage"; exit $$status

uninstall:
	@.package/put uninstall '$(DESTDIR)$(PREFIX)'

deb:
	@PREFIXED='$(PREFIXED)' .package/deb $(VERSION)

ports:
	@tests/ports

# The main job on real data.  MILLRACE_PATH names folders with one's own files, and then
# nothing is fetched.
demo:
	@tests/packages build
	@$(MAKE) --no-print-directory -s -j$$(nproc) all
	@[ -n "$$MILLRACE_PATH" ] || samples/fetch
	@pipelines/demo

# Sample data and models, into samples/fetched.
fetch:
	@samples/fetch

clean:
	rm -rf .build $(filters:%=bin/%)

.PHONY: all always bench bench-13b bench-quant check clean deb demo faults fetch fuzz hosts \
        install ports tsan uninstall unit-programs valgrind \
        grad-programs fault-programs fuzz-programs
.SECONDARY:
-include $(shell find $(B) -type f -name '*.d' 2>/dev/null)
