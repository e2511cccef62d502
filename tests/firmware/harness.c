/* The sensor's firmware on a simulated ATmega328P, with what is wired to it: an HX711, analogue inputs, two buttons,
 * and a serial port that is a pseudo-terminal, a file, or both.
 *
 *   harness FIRMWARE.elf [--link PATH] [--out FILE] [--events FILE] [--script FILE] [--eeprom FILE]
 *           [--speed N] [--run SECONDS]
 *
 *   --link     a symbolic link to the pseudo-terminal, made anew
 *   --out      every byte the firmware sends, with nobody to wait for
 *   --events   one line for everything that happened outside the chip, with the simulated time in microseconds
 *   --script   lines `TIME_US COMMAND …`, in order of time; commands may also come on stdin, without a time
 *   --eeprom   1024 bytes, read at start when they are there, written at the end
 *   --speed    times real time; 0 is as fast as it goes (default 1)
 *   --run      seconds of simulated time, then end; without it until stdin ends
 *
 * Commands:
 *   point T_US COUNTS     the converter's input passes through these points, in order of time, by straight lines
 *   counts N              it stays at N from now on (until a later point)
 *   button N down|up      button 1 or 2
 *   bounce N down|up      the same with a contact that bounces for 3 ms
 *   adc N MILLIVOLTS      analogue input N
 *   send HEX              bytes to the firmware, at the speed of its serial port
 *   hide                  the next falling edge of DOUT is not seen by the pin-change interrupt
 *   unwire                DOUT hangs in the air (its pull-up makes it high); `wire` undoes it
 *   short                 DOUT is at ground; `wire` undoes it
 *   strap 10|80           the HX711's RATE is not at the pin but fixed
 *   reset                 the reset button; the HX711 goes on
 *   quit
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pty.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <avr_adc.h>
#include <avr_eeprom.h>
#include <avr_ioport.h>
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_elf.h>
#include <sim_time.h>

enum { CYCLES_PER_US = 16, PCMSK2_ADDRESS = 0x6D, EEPROM_BYTES = 1024 };
enum { DOUT = 4, SCK = 5, RATE = 6 };
static const uint64_t POWER_DOWN_US = 60, BYTE_US = 87, BOUNCE_US = 3000;

typedef struct { double t_us, counts; } point_t;
typedef struct { uint64_t t_us; char *text; } line_t;

static avr_t *avr;
static FILE *events, *out;
static int pty_fd = -1, pty_held = -1;
static double speed = 1;
static int ended;

static point_t *points;
static size_t point_count, point_room;
static line_t *lines;
static size_t line_count, line_next;

static struct {
	int fast, strapped, down, hide, unwired, shorted;
	int32_t word;
	unsigned pulse;
	uint64_t high_at, high_min, high_max, next_us, conversions, unread, disturbed;
	int sck, dout;
} hx = {.high_min = UINT64_MAX};

static uint32_t millivolts[8];
static int pressed[2];
static uint8_t to_chip[65536];
static size_t to_chip_from, to_chip_to;
static int chip_listens = 1;
static uint64_t next_byte_us;

static uint64_t now_us(void) { return avr->cycle / CYCLES_PER_US; }

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *format, ...)
{
	if (!events)
		return;
	va_list arguments;
	va_start(arguments, format);
	fprintf(events, "%llu ", (unsigned long long)now_us());
	vfprintf(events, format, arguments);
	fputc('\n', events);
	va_end(arguments);
}

static void fail(const char *what)
{
	fprintf(stderr, "harness: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- the pins ------------------------------------------------------------------------------------------------ */

static void drive(char port, int pin, int level)
{
	/* An outer circuit is stronger than the pull-up, which simavr would apply again with every write to the port. */
	static uint8_t driven[2], levels[2];
	uint8_t *mask = &driven[port == 'D'], *value = &levels[port == 'D'];
	*mask |= 1 << pin;
	*value = level ? *value | 1 << pin : *value & ~(1 << pin);
	avr_ioport_external_t outer = {.name = port, .mask = *mask, .value = *value};
	avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(port), &outer);
	avr_irq_t *irq = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), pin);
	avr_raise_irq(irq, level);
}

static void drive_dout(int level)
{
	hx.dout = level;
	if (hx.unwired)
		level = 1;
	if (hx.shorted)
		level = 0;
	if (!level && hx.hide) {
		uint8_t mask = avr->data[PCMSK2_ADDRESS];
		avr->data[PCMSK2_ADDRESS] = 0;
		drive('D', DOUT, 0);
		avr->data[PCMSK2_ADDRESS] = mask;
		hx.hide = 0;
		tell("hidden");
		return;
	}
	drive('D', DOUT, level);
}

/* --- the HX711 ------------------------------------------------------------------------------------------------ */

static uint64_t period_us(void) { return hx.fast ? 12500 : 100000; }

static int32_t converted(uint64_t t_us)
{
	double value = point_count ? points[0].counts : 0;
	for (size_t i = 0; i < point_count && points[i].t_us <= t_us; i++) {
		value = points[i].counts;
		if (i + 1 < point_count && points[i + 1].t_us > points[i].t_us) {
			double part = (t_us - points[i].t_us) / (points[i + 1].t_us - points[i].t_us);
			value += (points[i + 1].counts - value) * fmin(part, 1);
		}
	}
	value = fmax(-8388608, fmin(8388607, round(value)));
	return (int32_t)value;
}

static void convert(void)
{
	hx.next_us += period_us();
	if (hx.down)
		return;
	if (hx.pulse > 0 && hx.pulse < 25) {
		hx.disturbed++;
		tell("disturbed");
		return;
	}
	hx.conversions++;
	hx.word = converted(now_us());
	hx.pulse = 0;
	if (!hx.dout) {
		hx.unread++;
		tell("unread");
		drive_dout(1);
		avr_run(avr);
	}
	tell("ready %d", hx.word);
	drive_dout(0);
}

static void on_sck(avr_irq_t *irq, uint32_t level, void *param)
{
	(void)irq, (void)param;
	if ((int)level == hx.sck)
		return;
	hx.sck = level;
	uint64_t cycle = avr->cycle;
	if (level) {
		hx.high_at = cycle;
		if (hx.down)
			return;
		hx.pulse++;
		if (hx.pulse <= 24)
			drive_dout((hx.word >> (24 - hx.pulse)) & 1);
		else
			drive_dout(1);
		return;
	}
	uint64_t high = cycle - hx.high_at;
	if (high >= POWER_DOWN_US * CYCLES_PER_US) {
		/* Off and on: it settles, four conversions long. */
		hx.pulse = 0;
		drive_dout(1);
		hx.next_us = now_us() + 4 * period_us();
		tell("converter restarted");
		return;
	}
	if (high < hx.high_min)
		hx.high_min = high;
	if (high > hx.high_max)
		hx.high_max = high;
}

static void on_rate(avr_irq_t *irq, uint32_t level, void *param)
{
	(void)irq, (void)param;
	if (!hx.strapped && (int)(level & 1) != hx.fast) {
		hx.fast = level & 1;
		tell("rate %d", hx.fast ? 80 : 10);
	}
}

static void on_adc(avr_irq_t *irq, uint32_t value, void *param)
{
	(void)irq, (void)param;
	union { avr_adc_mux_t mux; uint32_t value; } request = {.value = value};
	unsigned input = request.mux.src;
	if (request.mux.kind == ADC_MUX_SINGLE && input < 8)
		avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + input), millivolts[input]);
}

/* --- the serial port ------------------------------------------------------------------------------------------ */

static void on_byte(avr_irq_t *irq, uint32_t value, void *param)
{
	(void)irq, (void)param;
	uint8_t byte = value;
	if (out)
		fputc(byte, out);
	if (pty_fd < 0)
		return;
	while (write(pty_fd, &byte, 1) < 0 && (errno == EAGAIN || errno == EINTR)) {
		/* Faster than real time the chip waits for its reader; in real time the byte is lost, as on a wire. */
		struct pollfd ready = {.fd = pty_fd, .events = POLLOUT};
		if (speed > 0 || poll(&ready, 1, 5000) == 0)
			return;
	}
}

static void on_xon(avr_irq_t *irq, uint32_t value, void *param) { (void)irq, (void)value, (void)param; chip_listens = 1; }
static void on_xoff(avr_irq_t *irq, uint32_t value, void *param) { (void)irq, (void)value, (void)param; chip_listens = 0; }

static void queue_byte(uint8_t byte)
{
	size_t next = (to_chip_to + 1) % sizeof to_chip;
	if (next == to_chip_from)
		return;
	to_chip[to_chip_to] = byte;
	to_chip_to = next;
}

static void feed_chip(void)
{
	if (to_chip_from == to_chip_to || !chip_listens || now_us() < next_byte_us)
		return;
	avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), to_chip[to_chip_from]);
	to_chip_from = (to_chip_from + 1) % sizeof to_chip;
	next_byte_us = now_us() + BYTE_US;
}

/* --- start, reset, commands ----------------------------------------------------------------------------------- */

static void wire_up(void)
{
	/* Resetting the simulated chip forgets the levels at its pins, and the irqs only pass on what changes. */
	const int levels[][3] = {{'B', 0, !pressed[0]}, {'B', 1, !pressed[1]}};
	for (size_t i = 0; i < 2; i++) {
		drive(levels[i][0], levels[i][1], !levels[i][2]);
		drive(levels[i][0], levels[i][1], levels[i][2]);
	}
	int level = hx.dout;
	drive('D', DOUT, !level);
	drive_dout(level);
}

static void reset(void)
{
	avr_cycle_count_t cycle = avr->cycle;
	avr_reset(avr);
	avr->cycle = cycle;
	chip_listens = 1;
	uint32_t quiet = 0;
	avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &quiet);
	wire_up();
	tell("reset");
}

static void add_point(double t_us, double counts)
{
	if (point_count == point_room) {
		point_room = point_room ? 2 * point_room : 64;
		points = realloc(points, point_room * sizeof *points);
		if (!points)
			fail("memory");
	}
	points[point_count++] = (point_t){t_us, counts};
}

static void press(unsigned button, int down)
{
	pressed[button - 1] = down;
	drive('B', button - 1, !down);
}

static struct { unsigned button; int down; uint64_t from_us; } bounce;

static void bounce_on(void)
{
	if (!bounce.button)
		return;
	uint64_t since = now_us() - bounce.from_us;
	int contact = since >= BOUNCE_US || (since / 150) % 2 == 0;
	press(bounce.button, contact ? bounce.down : !bounce.down);
	if (since >= BOUNCE_US)
		bounce.button = 0;
}

static void obey(char *text)
{
	char word[16] = "", state[8] = "", hex[2048] = "";
	double a, b;
	unsigned n, value;
	if (sscanf(text, "point %lf %lf", &a, &b) == 2) {
		add_point(a, b);
	} else if (sscanf(text, "counts %lf", &a) == 1) {
		while (point_count && points[point_count - 1].t_us >= now_us())
			point_count--;
		add_point(now_us(), a);
	} else if (sscanf(text, "button %u %7s", &n, state) == 2 && n >= 1 && n <= 2) {
		press(n, !strcmp(state, "down"));
		tell("button %u %s", n, state);
	} else if (sscanf(text, "bounce %u %7s", &n, state) == 2 && n >= 1 && n <= 2) {
		bounce.button = n, bounce.down = !strcmp(state, "down"), bounce.from_us = now_us();
		tell("button %u %s", n, state);
		bounce_on();
	} else if (sscanf(text, "adc %u %u", &n, &value) == 2 && n < 8) {
		millivolts[n] = value;
	} else if (sscanf(text, "strap %u", &n) == 1) {
		hx.strapped = 1, hx.fast = n == 80;
	} else if (sscanf(text, "send %2047s", hex) == 1) {
		for (char *at = hex; sscanf(at, "%2x", &value) == 1; at += 2) {
			queue_byte(value);
			if (!at[1])
				break;
		}
	} else if (sscanf(text, "%15s", word) == 1) {
		if (!strcmp(word, "hide"))
			hx.hide = 1;
		else if (!strcmp(word, "unwire"))
			hx.unwired = 1, drive_dout(hx.dout);
		else if (!strcmp(word, "short"))
			hx.shorted = 1, drive_dout(hx.dout);
		else if (!strcmp(word, "wire"))
			hx.unwired = hx.shorted = 0, drive_dout(hx.dout);
		else if (!strcmp(word, "reset"))
			reset();
		else if (!strcmp(word, "quit"))
			ended = 1;
		else
			fprintf(stderr, "harness: not understood: %s\n", text);
	}
}

static void read_script(const char *path)
{
	FILE *file = fopen(path, "r");
	if (!file)
		fail(path);
	char text[4096];
	while (fgets(text, sizeof text, file)) {
		char *rest;
		uint64_t at = strtoull(text, &rest, 10);
		if (rest == text)
			continue;
		rest[strcspn(rest, "\n")] = 0;
		lines = realloc(lines, (line_count + 1) * sizeof *lines);
		if (!lines)
			fail("memory");
		lines[line_count++] = (line_t){at, strdup(rest + strspn(rest, " "))};
	}
	fclose(file);
}

/* Commands on stdin and bytes from the pseudo-terminal: once a simulated millisecond. */
static void look_outside(int use_stdin)
{
	static char text[4096];
	static size_t length;
	struct pollfd ready[2] = {{.fd = use_stdin ? 0 : -1, .events = POLLIN}, {.fd = pty_fd, .events = POLLIN}};
	if (poll(ready, 2, 0) <= 0)
		return;
	if (ready[1].revents & POLLIN) {
		uint8_t bytes[256];
		ssize_t got = read(pty_fd, bytes, sizeof bytes);
		for (ssize_t i = 0; i < got; i++) {
			queue_byte(bytes[i]);
			tell(bytes[i] > ' ' && bytes[i] < 127 ? "heard %c" : "heard 0x%02x", bytes[i]);
		}
	}
	if (ready[0].revents & (POLLIN | POLLHUP)) {
		ssize_t got = read(0, text + length, sizeof text - 1 - length);
		if (got <= 0) {
			ended = 1;
			return;
		}
		length += got;
		text[length] = 0;
		char *newline;
		while ((newline = strchr(text, '\n'))) {
			*newline = 0;
			obey(text);
			length -= newline + 1 - text;
			memmove(text, newline + 1, length + 1);
		}
		if (length == sizeof text - 1)
			length = 0;
	}
}

static void no_sleep(avr_t *chip, avr_cycle_count_t cycles) { (void)chip, (void)cycles; }

static void quiet_logger(avr_t *chip, const int level, const char *format, va_list arguments)
{
	(void)chip;
	if (level <= LOG_ERROR)
		vfprintf(stderr, format, arguments);
}

static double wall_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static void open_pty(const char *link_path)
{
	char name[256];
	struct termios raw;
	if (openpty(&pty_fd, &pty_held, name, NULL, NULL) < 0)
		fail("pseudo-terminal");
	tcgetattr(pty_held, &raw);
	cfmakeraw(&raw);
	tcsetattr(pty_held, TCSANOW, &raw);
	fcntl(pty_fd, F_SETFL, O_NONBLOCK);
	unlink(link_path);
	if (symlink(name, link_path) < 0)
		fail(link_path);
}

int main(int argc, char **argv)
{
	const char *link_path = NULL, *eeprom_path = NULL;
	double run_s = 0;
	if (argc < 2) {
		fprintf(stderr, "usage: harness FIRMWARE.elf [options], see the source\n");
		return 2;
	}
	for (int i = 2; i + 1 < argc; i += 2) {
		const char *name = argv[i], *value = argv[i + 1];
		if (!strcmp(name, "--link"))
			link_path = value;
		else if (!strcmp(name, "--out"))
			out = fopen(value, "wb");
		else if (!strcmp(name, "--events"))
			events = fopen(value, "w");
		else if (!strcmp(name, "--script"))
			read_script(value);
		else if (!strcmp(name, "--eeprom"))
			eeprom_path = value;
		else if (!strcmp(name, "--speed"))
			speed = atof(value);
		else if (!strcmp(name, "--run"))
			run_s = atof(value);
		else {
			fprintf(stderr, "harness: no option %s\n", name);
			return 2;
		}
	}
	avr_global_logger_set(quiet_logger);
	elf_firmware_t image = {0};
	if (elf_read_firmware(argv[1], &image) != 0)
		fail(argv[1]);
	strcpy(image.mmcu, "atmega328p");
	image.frequency = CYCLES_PER_US * 1000000;
	avr = avr_make_mcu_by_name("atmega328p");
	if (!avr)
		fail("atmega328p");
	avr_init(avr);
	avr->log = LOG_ERROR;
	avr_load_firmware(avr, &image);
	avr->vcc = avr->avcc = avr->aref = 5000;
	avr->sleep = no_sleep;
	uint32_t quiet = 0;
	avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &quiet);

	uint8_t eeprom[EEPROM_BYTES];
	memset(eeprom, 0xFF, sizeof eeprom);
	FILE *file = eeprom_path ? fopen(eeprom_path, "rb") : NULL;
	if (file) {
		if (fread(eeprom, 1, sizeof eeprom, file) != sizeof eeprom)
			fail(eeprom_path);
		fclose(file);
	}
	avr_eeprom_desc_t content = {.ee = eeprom, .offset = 0, .size = sizeof eeprom};
	avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &content);

	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), SCK), on_sck, NULL);
	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), RATE), on_rate, NULL);
	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_OUT_TRIGGER), on_adc, NULL);
	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_byte, NULL);
	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_xon, NULL);
	avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_xoff, NULL);
	hx.dout = 1;
	hx.next_us = period_us();
	wire_up();
	if (link_path)
		open_pty(link_path);
	printf("ready\n");
	fflush(stdout);

	const double start_s = wall_s();
	uint64_t look_us = 0;
	/* Short enough that what is wired to the chip acts within some microseconds of its time. */
	avr->run_cycle_limit = 4 * CYCLES_PER_US;
	uint16_t stack = avr->ramend;
	while (!ended) {
		int state = avr_run(avr);
		uint16_t top = avr->data[R_SPL] | avr->data[R_SPH] << 8;
		if (top > 0x100 && top < stack)
			stack = top;
		if (state == cpu_Crashed || state == cpu_Done) {
			fprintf(stderr, "harness: the firmware crashed at %llu us\n", (unsigned long long)now_us());
			return 1;
		}
		uint64_t t_us = now_us();
		if (t_us >= hx.next_us)
			convert();
		feed_chip();
		bounce_on();
		while (line_next < line_count && lines[line_next].t_us <= t_us)
			obey(lines[line_next++].text);
		if (t_us < look_us)
			continue;
		look_us = t_us + 1000;
		look_outside(!run_s);
		if (run_s && t_us >= run_s * 1e6)
			ended = 1;
		if (speed > 0) {
			double ahead_s = t_us * 1e-6 / speed - (wall_s() - start_s);
			if (ahead_s > 0) {
				struct timespec nap = {(time_t)ahead_s, (long)(fmod(ahead_s, 1) * 1e9)};
				nanosleep(&nap, NULL);
			}
			if (out)
				fflush(out);
			if (events)
				fflush(events);
		}
	}
	content.ee = eeprom;
	avr_ioctl(avr, AVR_IOCTL_EEPROM_GET, &content);
	if (eeprom_path && (file = fopen(eeprom_path, "wb"))) {
		fwrite(eeprom, 1, sizeof eeprom, file);
		fclose(file);
	}
	tell("end conversions=%llu unread=%llu disturbed=%llu stack=%u sck_high_ns=%.0f..%.0f", (unsigned long long)hx.conversions,
	     (unsigned long long)hx.unread, (unsigned long long)hx.disturbed, avr->ramend - stack, hx.high_min * 1000.0 / CYCLES_PER_US,
	     hx.high_max * 1000.0 / CYCLES_PER_US);
	if (out)
		fclose(out);
	if (events)
		fclose(events);
	return 0;
}
