# sotto: see README.md for the two commands that do everything, and
# "make help" for the rest.  GNU make, one file; "make V=1" shows commands.

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share
CC      ?= cc
BUILD   ?= build

-include config.mk

VERSION := 0.1.0

all: $(BUILD)/sotto $(BUILD)/sottod

# ---- the machine: packages, flags --------------------------------------------

# Goals that promise to install what is missing; the others only say it.
INSTALLING := check demo deps bench fuzz e2e wycheproof soak asan ubsan tsan \
	lint coverage valgrind
SETLESS    := clean help dist uninstall format tags

ifeq ($(filter-out $(SETLESS),$(or $(MAKECMDGOALS),all)),)
else
include $(BUILD)/probe.mk
endif

DEPS_MODE := $(if $(filter $(INSTALLING),$(MAKECMDGOALS)),install,tell)
DEPS_SETS := build $(if $(filter all install,$(or $(MAKECMDGOALS),all)),,test) \
	$(if $(filter lint asan ubsan tsan fuzz coverage valgrind,$(MAKECMDGOALS)),lint)

$(BUILD)/probe.mk: Makefile src/deps.sh src/probe.sh
	@mkdir -p $(@D)
	@sh src/deps.sh $(DEPS_MODE) $(DEPS_SETS)
	@CC="$(CC)" sh src/probe.sh >$@.new && mv $@.new $@

deps: $(BUILD)/probe.mk
	@sh src/deps.sh install build test lint

# ---- flags -------------------------------------------------------------------

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla \
	-Wswitch-enum -Wdouble-promotion -Wimplicit-fallthrough $(WARN_PROBED)
HARDEN := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE -fno-common \
	$(HARDEN_PROBED)
OPT     ?= -O2 -g
CPPFLAGS_ALL = -D_GNU_SOURCE -DSOTTO_VERSION='"$(VERSION)"' -I. -Isrc \
	$(LIB_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL   = -std=c11 $(OPT) $(WARN) $(if $(SAN),$(SAN),$(HARDEN)) \
	-pthread $(CFLAGS)
LDFLAGS_ALL  = -pthread $(if $(SAN),$(SAN),-pie) \
	-Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)
LTO    := $(if $(SAN),,$(LTO_PROBED))
NO_LTO := $(NO_LTO_PROBED)
ifdef WERROR
CFLAGS_ALL += -Werror
endif

Q = $(if $(V),,@)
say = $(if $(V),,@$(if $(QUIET),:,echo) "  $(1)" $(2:$(BUILD)/%=%);)

# ---- objects: one archive a layer, in the order they may use each other ------

LAYERS := base crypto net ui sotto sottod
DIR_base := src/base
DIR_crypto := crypto
DIR_net := net
DIR_ui := ui
DIR_sotto := src/sotto
DIR_sottod := src/sottod

srcs = $(wildcard $(DIR_$(1))/*.c)
MAINS := src/sotto/main.c src/sottod/main.c
objs = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(MAINS),$(call srcs,$(1))))
LIB = $(patsubst %,$(BUILD)/lib%.a,$(1))

# The programs are optimized as a whole; their objects can be linked either way.
$(foreach l,$(LAYERS),$(call objs,$(l))) $(MAINS:%.c=$(BUILD)/%.o): OBJ_LTO := $(LTO)

define layer_rule
$(BUILD)/lib$(1).a: $(call objs,$(1))
	$$(call say,AR,$$@) rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))

$(BUILD)/%.o: %.c $(BUILD)/probe.mk
	@mkdir -p $(@D)
	$(call say,CC,$@) $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(OBJ_LTO) -MMD -MP \
	    -c -o $@ $<

$(BUILD)/sotto: $(BUILD)/src/sotto/main.o $(call LIB,sotto ui net crypto base)
	$(call say,LD,$@) $(CC) $(OPT) $(LTO) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_sotto)

$(BUILD)/sottod: $(BUILD)/src/sottod/main.o $(call LIB,sottod net crypto base)
	$(call say,LD,$@) $(CC) $(OPT) $(LTO) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_sottod)

# ---- tests -------------------------------------------------------------------

ALL_LIBS = $(call LIB,sottod sotto ui net crypto base)
TEST_LIBS = $(BUILD)/libtest.a $(ALL_LIBS)
HELPER_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/lib/*.c))
$(BUILD)/libtest.a: $(HELPER_OBJS)
	$(call say,AR,$@) rm -f $@ && ar rcs $@ $^

prog = $(patsubst %.c,$(BUILD)/%,$(wildcard $(1)))
UNIT   := $(call prog,tests/unit/*.c)
ATTACK := $(call prog,tests/attack/*.c)
E2E    := $(call prog,tests/e2e/*.c)
REPLAY := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/replay/%, \
	$(wildcard tests/fuzz/fuzz_*.c))
BENCH  := $(call prog,tests/bench/*.c)
TOOLS  := $(call prog,tests/tools/*.c)
SOAK   := $(call prog,tests/soak/*.c)

$(UNIT) $(ATTACK) $(E2E) $(BENCH) $(SOAK) $(TOOLS): $(BUILD)/%: $(BUILD)/%.o $(TEST_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(NO_LTO) $(LDFLAGS_ALL) -o $@ $< -Wl,--start-group \
	    $(TEST_LIBS) -Wl,--end-group $(LIBS_sotto) $(LIBS_test)

$(REPLAY): $(BUILD)/tests/replay/%: $(BUILD)/tests/fuzz/%.o \
    $(BUILD)/tests/fuzz/replay.o $(TEST_LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(NO_LTO) $(LDFLAGS_ALL) -o $@ $< \
	    $(BUILD)/tests/fuzz/replay.o -Wl,--start-group $(TEST_LIBS) \
	    -Wl,--end-group $(LIBS_sotto) $(LIBS_test)

# The real programs over a network and a clock of the test's own.
SIM := $(BUILD)/tests/sim/sim
SIM_WRAP := clock_mono_ms clock_wall_ms rng_system secret_random rsa_generate \
	rsa_key_free argon2id mail_post
$(SIM): $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/sim/*.c)) $(TEST_LIBS)
	$(call say,LD,$@) $(CC) $(NO_LTO) $(LDFLAGS_ALL) $(SIM_WRAP:%=-Wl,--wrap=%) -o $@ \
	    $(filter %.o,$^) -Wl,--start-group $(TEST_LIBS) -Wl,--end-group \
	    $(LIBS_sotto) $(LIBS_test)

LINT_SH := $(wildcard tests/lint/check_*.sh)
CHECK_DEPS = all $(UNIT) $(ATTACK) $(E2E) $(REPLAY) $(TOOLS) $(SIM)

check: $(CHECK_DEPS)
	@BUILD=$(BUILD) sh tests/run.sh $(E2E) $(SIM) $(ATTACK) $(UNIT) \
	    $(REPLAY) $(LINT_SH)

# One group, or one program: make test T=build/tests/unit/bytes
test: $(CHECK_DEPS)
	@BUILD=$(BUILD) sh tests/run.sh $(or $(T),$(UNIT))

e2e: $(CHECK_DEPS)
	@BUILD=$(BUILD) sh tests/run.sh $(E2E)

demo: all $(TOOLS)
	@BUILD=$(BUILD) sh tests/demo/demo.sh

# Those of the README, as the screens are drawn now.
pictures: $(BUILD)/tests/tools/picture
	@mkdir -p man/pictures && $< man/pictures

bench: all $(BENCH) $(TOOLS)
	@BUILD=$(BUILD) sh tests/bench/run.sh

# What takes longer than a check may: mixed traffic for minutes, each of the three
# killed 200 times, random keys and sizes, ten thousand schedules of all three, and of the ratchet alone.
soak: all $(TOOLS) $(BUILD)/tests/e2e/lost $(BUILD)/tests/e2e/client $(BUILD)/tests/unit/ratchet $(SIM) $(SOAK)
	@BUILD=$(BUILD) $(BUILD)/tests/soak/mixed $(or $(SOAK_SECONDS),300)
	@BUILD=$(BUILD) KILLS=$(or $(KILLS),600) $(BUILD)/tests/e2e/lost '*killed*'
	@BUILD=$(BUILD) RANDOM_KEYS=100000 $(BUILD)/tests/e2e/client '*random*'
	@SCHEDULES=10000 $(BUILD)/tests/unit/ratchet
	@for i in 0 1 2 3; do \
	    $(SIM) 2500 $$((1 + i * 2500)) >$(BUILD)/sim.$$i 2>&1 & p="$$p $$!"; \
	done; for i in $$p; do wait $$i || bad=1; done; cat $(BUILD)/sim.?; exit $$bad

# The JSON vectors of Project Wycheproof through our wrappers.
wycheproof: $(BUILD)/tests/wycheproof/wycheproof
	@test -n "$(WYCHEPROOF)" || { \
	    echo "say where: make wycheproof WYCHEPROOF=folder" >&2; exit 2; }
	@$< $(WYCHEPROOF)
$(BUILD)/tests/wycheproof/wycheproof: $(patsubst %.c,$(BUILD)/%.o, \
    $(wildcard tests/wycheproof/*.c)) $(call LIB,crypto base)
	$(call say,LD,$@) $(CC) $(NO_LTO) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_sottod) \
	    $$(pkg-config --libs json-c)

# ---- sanitizers: "check" again, in another folder ----------------------------

SAN_asan  := -fsanitize=address -fno-omit-frame-pointer
SAN_ubsan := -fsanitize=undefined -fno-sanitize-recover=all
SAN_tsan  := -fsanitize=thread
asan ubsan tsan:
	@TSAN_OPTIONS=suppressions=$(CURDIR)/tests/lint/tsan.supp \
	    $(MAKE) --no-print-directory BUILD=build-$@ CC=clang OPT='-O1 -g' \
	    SAN='$(SAN_$@)' SAN_NAME=$@ check

valgrind:
	@$(MAKE) --no-print-directory BUILD=build-$@ OPT='-O1 -g' \
	    RUN='valgrind -q --error-exitcode=99 --leak-check=full' test

# ---- fuzzing: libFuzzer on every parser that takes a stranger's bytes --------

FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz:
	@$(MAKE) --no-print-directory BUILD=build-fuzz CC=clang OPT='-O1 -g' \
	    SAN='-fsanitize=address,undefined,fuzzer-no-link' fuzz-run
fuzz-run: $(FUZZERS:%=$(BUILD)/%)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) BUILD=$(BUILD) sh tests/fuzz/run.sh \
	    $(FUZZERS)
$(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(TEST_LIBS)
	$(call say,LD,$@) $(CC) $(NO_LTO) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $< \
	    -Wl,--start-group $(TEST_LIBS) -Wl,--end-group $(LIBS_sotto) \
	    $(LIBS_test)

# ---- lint: silent, or there is something to mend -----------------------------

C_FILES := $(wildcard src/*/*.[ch] crypto/*.[ch] net/*.[ch] ui/*.[ch] \
	tests/*/*.[ch])
TIDY_C  := $(filter %.c,$(C_FILES))
lint: format-check headers scripts-check manlint cppcheck tidy gcc-check

format:
	$(Q)clang-format -i $(C_FILES)
format-check:
	$(Q)clang-format --dry-run --Werror $(C_FILES)
headers:
	$(Q)for h in $(filter %.h,$(C_FILES)); do \
	    $(CC) $(CPPFLAGS_ALL) $$(pkg-config --cflags vterm) -std=c11 \
	    $(WARN) -Werror -fsyntax-only -x c $$h || exit 1; done
scripts-check:
	$(Q)for s in $(LINT_SH); do sh $$s >/dev/null || { sh $$s; exit 1; }; done
manlint:
	$(Q)for m in man/*.[1578]; do mandoc -T lint -W warning $$m || exit 1; done
cppcheck:
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 -U__clang__ \
	    --enable=warning,style,performance,portability --inline-suppr \
	    --suppressions-list=tests/lint/cppcheck.txt -I. -Isrc \
	    $(filter-out tests/%,$(TIDY_C))
TIDIED := $(TIDY_C:%=$(BUILD)/tidy/%.ok)
tidy: $(TIDIED)
$(BUILD)/tidy/%.ok: %
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $< -- \
	    $(CPPFLAGS_ALL) -std=c11 2>$@.err || { cat $@.err >&2; exit 1; }
	@touch $@
# Both compilers with every warning an error, in folders of their own.
gcc-check:
	@$(MAKE) --no-print-directory -s BUILD=build-gcc CC=gcc WERROR=1 QUIET=1 \
	    compile-all
	@$(MAKE) --no-print-directory -s BUILD=build-clang CC=clang WERROR=1 QUIET=1 \
	    compile-all
compile-all: all $(UNIT) $(ATTACK) $(E2E) $(REPLAY) $(BENCH) $(SOAK) $(TOOLS)

# ---- the rest ----------------------------------------------------------------

COMPLETIONS := bash-completion/completions/sotto \
	zsh/site-functions/_sotto fish/vendor_completions.d/sotto.fish
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(SBINDIR) \
	    $(addprefix $(DESTDIR)$(MANDIR)/man,1 5 7 8) \
	    $(addprefix $(DESTDIR)$(DATADIR)/,$(dir $(COMPLETIONS)))
	install -m 755 $(BUILD)/sotto $(DESTDIR)$(BINDIR)/sotto
	install -m 755 $(BUILD)/sottod $(DESTDIR)$(SBINDIR)/sottod
	for s in 1 5 7 8; do install -m 644 man/*.$$s \
	    $(DESTDIR)$(MANDIR)/man$$s/ || exit 1; done
	install -m 644 src/completions/sotto.bash \
	    $(DESTDIR)$(DATADIR)/$(word 1,$(COMPLETIONS))
	install -m 644 src/completions/_sotto \
	    $(DESTDIR)$(DATADIR)/$(word 2,$(COMPLETIONS))
	install -m 644 src/completions/sotto.fish \
	    $(DESTDIR)$(DATADIR)/$(word 3,$(COMPLETIONS))
uninstall:
	rm -f $(addprefix $(DESTDIR)$(DATADIR)/,$(COMPLETIONS))
	rm -f $(DESTDIR)$(BINDIR)/sotto $(DESTDIR)$(SBINDIR)/sottod
	for m in man/*.[1578]; do rm -f \
	    $(DESTDIR)$(MANDIR)/man$${m##*.}/$${m##*/}; done

dist:
	git archive --prefix=sotto-$(VERSION)/ HEAD | gzip -n \
	    >sotto-$(VERSION).tar.gz

coverage:
	@$(MAKE) --no-print-directory BUILD=build-cov CC=gcc OPT='-O0 -g' \
	    SAN='--coverage' test
	@find build-cov -name '*.gcda' | xargs gcov -n 2>/dev/null | \
	    sed -n "/^File '\(crypto\|net\|ui\|src\)/{N;p;}" | paste - -

clean:
	rm -rf build build-*
tags:
	ctags -R src ui crypto net tests

help:
	@sed -n 's/^#: //p' Makefile

#: all         build/sotto and build/sottod
#: demo        build, then try sotto with a relay and two companions
#: check       every test; ends with "N passed, N failed"
#: test        unit tests only, or T=path of some
#: e2e         the real programs, in terminals
#: pictures    those of the README, drawn anew
#: bench       one line a figure
#: fuzz        FUZZ_SECONDS=60 for each fuzzer
#: asan ubsan tsan valgrind    "check" with a checker
#: soak        a relay under mixed traffic, SOAK_SECONDS=300; everybody killed
#:             600 times; random keys; long schedules
#: wycheproof  WYCHEPROOF=folder with the JSON files
#: lint        format, headers, layers, pages, cppcheck, clang-tidy, warnings
#: format      apply .clang-format
#: coverage    lines covered by the unit tests
#: install uninstall           DESTDIR, PREFIX, BINDIR, SBINDIR, MANDIR, DATADIR
#: deps        install all packages that anything here needs
#: dist clean tags

.PHONY: all check test e2e demo pictures bench soak wycheproof asan ubsan tsan valgrind \
	fuzz fuzz-run lint format format-check headers scripts-check manlint \
	cppcheck tidy gcc-check compile-all install uninstall dist coverage \
	clean tags help deps
.DELETE_ON_ERROR:
.SECONDARY:

-include $(shell [ -d $(BUILD) ] && find $(BUILD) -name '*.d')
